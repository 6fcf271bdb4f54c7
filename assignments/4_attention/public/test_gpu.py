"""Performance on a GPU, public: decided where there is one, worth points where it has anchors."""

from __future__ import annotations

import time

from stage4.gpu_time import (
    BUDGET,
    LEAST,
    PRELOAD,
    TURNS,
    Bench,
    WrongEnd,
    asking,
    devices,
    judged,
    turns,
)

from autograder.judge.faults import RequestFailed, WorkerEnded
from autograder.judge.rules import Judge, RuleFailed, rule
from autograder.scoring.outcome import Cause, Status


@rule("4.P10")
def test_a_decode_step_takes_little_longer_than_a_copy(judge: Judge) -> None:
    clean, mine = (judge.session.worker_aside(PRELOAD, BUDGET, devices()) for _ in range(2))
    folder = str(judge.session.staged.folder)
    try:
        try:
            name = asking(clean)("start", stage_dir=folder, submission=False)
        except (RequestFailed, WorkerEnded) as error:
            judge.cannot(f"the device cannot be used from a worker: {error}")
        asking(mine)("start", stage_dir=folder, submission=True)
        seeds = [judge.new_seed() for _ in range(TURNS)]
        found = judged(turns(Bench(asking(mine), asking(clean), time.perf_counter), seeds))
    except WrongEnd as wrong:
        raise RuleFailed(Status.FAIL, Cause(str(wrong), "violation")) from None
    finally:
        clean.close()
        mine.close()
    judge.note(
        f"{found.ratio:.3g} {judge.rule.unit} on {name}; {found.low:.3g} to {found.high:.3g} in"
        " nine of ten such measurements"
    )
    if not found.steady:
        judge.cannot("the copies themselves took now more, now less time: try again")
    judge.measured = {"amount": round(found.ratio, 3), "least": LEAST}
