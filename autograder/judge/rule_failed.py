"""How a rule fails."""

from __future__ import annotations

from autograder.judge.counted import WrongOutputs
from autograder.judge.faults import RequestFailed, WorkerEnded
from autograder.scoring.outcome import Cause, Status


class RuleFailed(AssertionError):
    """A rule is broken. Carries the status and the explanation."""

    def __init__(self, status: Status, cause: Cause) -> None:
        super().__init__(cause.summary)
        self.status = status
        self.cause = cause


def not_measured(error: WrongOutputs | RequestFailed | WorkerEnded) -> RuleFailed:
    """What it means for a rule of performance that its work could not be measured."""
    match error:
        case WrongOutputs():
            return RuleFailed(Status.FAIL, Cause(str(error), "violation"))
        case WorkerEnded():
            status = Status.TIMEOUT if error.kind == "timeout" else Status.FAIL
            return RuleFailed(status, Cause(str(error), error.kind))
    stub = error.error == "NotImplementedError"
    kind, status = ("not_attempted", Status.NOT_ATTEMPTED) if stub else ("exception", Status.FAIL)
    return RuleFailed(status, Cause(str(error), kind, place=error.place))
