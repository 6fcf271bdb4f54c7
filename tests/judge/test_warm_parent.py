"""The parent gives workers as long as it lives, and says clearly when it cannot."""

from __future__ import annotations

import os
import select
import signal
from pathlib import Path

import pytest

from autograder.judge.clock import Budget
from autograder.judge.faults import GraderFault
from autograder.judge.warm_parent import WarmParent
from autograder.judge.worker import Worker
from autograder.sandbox.isolation import Isolation
from autograder.sandbox.policy import Limits

BUDGET = Budget(10.0, 30.0, 1 << 30)


def test_one_parent_gives_many_workers_and_their_ends_do_not_mix(
    parent: WarmParent, open_dir: Path
) -> None:
    workers = [Worker(parent, open_dir, Limits()) for _ in range(3)]
    assert len({worker._pipes.pid for worker in workers}) == 3
    for worker in reversed(workers):
        worker.close()
    assert all(not Path(f"/proc/{worker._pipes.pid}").exists() for worker in workers)


def test_what_is_preloaded_can_be_called(isolation: Isolation, open_dir: Path) -> None:
    with WarmParent(isolation, ["fractions"]) as parent:
        worker = Worker(parent, open_dir, Limits())
        call = {"module": "math", "function": "gcd", "args": {}}
        assert worker.request("call", call, BUDGET) == 0
        worker.close()


def test_a_folder_that_cannot_be_read_is_a_fault_of_the_grader(
    parent: WarmParent, open_dir: Path
) -> None:
    with pytest.raises(GraderFault, match="confined"):
        Worker(parent, open_dir / "nowhere", Limits()).wait_until_confined()
    Worker(parent, open_dir, Limits()).close()


def test_a_parent_that_is_gone_is_a_fault_of_the_grader(
    isolation: Isolation, open_dir: Path
) -> None:
    with WarmParent(isolation) as parent:
        Worker(parent, open_dir, Limits()).close()
        os.kill(parent._process.pid, signal.SIGKILL)
        parent._process.wait()
        with pytest.raises(GraderFault):
            Worker(parent, open_dir, Limits())


def test_a_parent_that_cannot_start_is_a_fault_of_the_grader(
    isolation: Isolation, open_dir: Path
) -> None:
    with WarmParent(isolation, ["no_such_module_anywhere"]) as parent:
        with pytest.raises(GraderFault, match="ended"):
            Worker(parent, open_dir, Limits())


def test_closing_the_parent_ends_its_workers(isolation: Isolation, open_dir: Path) -> None:
    parent = WarmParent(isolation)
    worker = Worker(parent, open_dir, Limits())
    parent.close()
    assert not Path(f"/proc/{worker._pipes.pid}").exists()


def test_a_judge_that_dies_with_messages_unread_leaves_nobody_behind(
    isolation: Isolation, open_dir: Path
) -> None:
    parent = WarmParent(isolation)
    ended, left = (Worker(parent, open_dir, Limits()) for _ in range(2))
    ended.wait_until_confined()
    left.wait_until_confined()
    os.kill(ended._pipes.pid, signal.SIGKILL)
    assert select.select([parent._channel], [], [], 10.0)[0], "its end was told, and nobody read it"
    parent._channel.close()
    assert parent._process.wait(10) == 0
    assert not Path(f"/proc/{left._pipes.pid}").exists()
