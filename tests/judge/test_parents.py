"""Parents are shared by what they have preloaded, and a doubtful one is never used again."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from autograder.judge.parents import Parents
from autograder.judge.worker import Worker
from autograder.sandbox.isolation import Isolation
from autograder.sandbox.policy import Limits


def test_one_parent_serves_all_who_ask_for_the_same_modules(isolation: Isolation) -> None:
    with Parents(isolation) as parents:
        assert parents.of(["fractions"]) is parents.of(("fractions",))
        assert parents.of(["fractions"]) is not parents.of([])


def test_a_parent_that_has_ended_is_replaced(isolation: Isolation, open_dir: Path) -> None:
    with Parents(isolation) as parents:
        first = parents.of([])
        os.kill(first._process.pid, signal.SIGKILL)
        first._process.wait()
        second = parents.of([])
        assert second is not first
        Worker(second, open_dir, Limits()).close()


def test_a_renewed_parent_is_another_one_and_the_workers_of_the_old_one_are_gone(
    isolation: Isolation, open_dir: Path
) -> None:
    with Parents(isolation) as parents:
        first, other = parents.of([]), parents.of(["fractions"])
        worker = Worker(first, open_dir, Limits())
        parents.renew([])
        parents.renew(["never asked for"])
        assert not Path(f"/proc/{worker._pipes.pid}").exists()
        assert parents.of([]) is not first
        assert parents.of(["fractions"]) is other


def test_closing_ends_all_of_them(isolation: Isolation) -> None:
    with Parents(isolation) as parents:
        both = parents.of([]), parents.of(["fractions"])
    assert not any(parent.is_alive for parent in both)
