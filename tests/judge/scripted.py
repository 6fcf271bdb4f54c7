"""Workers that say what a test wants."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from autograder.judge.clock import Budget
from autograder.judge.costs import Costs
from autograder.judge.faults import RequestFailed, WorkerEnded
from autograder.judge.local import LocalWorker
from autograder.judge.rule_failed import RuleFailed
from autograder.judge.rules import Judge
from autograder.judge.session import Session
from autograder.judge.stage_package import import_stage, stage_language
from autograder.program.model import Op
from autograder.protocol.plain import Json
from autograder.rubric.model import Rule
from autograder.scoring.outcome import Cause, Status
from tests.judge.bench import LEDGER, local_session, make_stage, make_submission, rule_of
from tests.judge.ledger.language import drop, new, put, total

ALL = rule_of("90.1", invariants=("L1", "L2", "L3"), module="ledger")
LONG = (
    new(),
    *(put(f"a{n}", n) for n in range(6)),
    drop("a2[0]"),
    total(),
    *(put(f"b{n}", n) for n in range(6)),
    total(),
)

Make = Callable[..., Judge]


class Scripted(LocalWorker):
    """Runs programs in this process, unless the script says how one ends."""

    ends: Callable[[list[str]], WorkerEnded | RequestFailed | None]
    started = 0

    def receive(self, request_id: int, budget: Budget) -> Json:
        """The reply, or the scripted end."""
        if self._ended is not None:
            raise self._ended
        return super().receive(request_id, budget)

    def post(self, do: str, args: Mapping[str, Json], budget: Budget) -> int:
        """Carry out, and note how it ends."""
        names = [op["name"] for op in args["ops"]] if do == "run" else []  # type: ignore[index, union-attr, call-overload]
        self._ended = type(self).ends(names) if do == "run" else None
        type(self).started += do == "load"
        return super().post(do, args, budget)


def scripted_judge(folder: Path, ledger: str = LEDGER, rule: Rule = ALL, ends: Any = None) -> Judge:
    """The judge of one rule for a submission; its stage goes to `folder`."""
    stage = make_stage(folder)
    session: Session = local_session(stage, make_submission(folder.parent / "own", ledger))
    import_stage(stage)
    if ends is not None:
        worker = type("ThisScript", (Scripted,), {"ends": staticmethod(ends)})
        submission = folder.parent / "own"
        session._fork = lambda: worker(session.staged.folder, submission)  # type: ignore[method-assign]
    return Judge(rule, session, stage_language(stage), Costs(session))


def failure(judge: Judge, *ops: Op, against: Any = None) -> tuple[Status, Cause]:
    with pytest.raises(RuleFailed) as raised:
        judge.check(*ops, against=against)
    return raised.value.status, raised.value.cause
