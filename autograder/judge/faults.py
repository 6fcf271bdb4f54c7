"""How running student code can end. Three kinds that must never be mixed up."""

from __future__ import annotations


class GraderFault(Exception):
    """The grader could not do its work. No points are decided by it."""


class WorkerEnded(Exception):
    """The submission's process is gone or unusable.

    Attributes:
        kind: "crash", "timeout", "memory" or "protocol".
        detail: one sentence for the student.
    """

    def __init__(self, kind: str, detail: str) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail


class RequestFailed(Exception):
    """The worker answered that it could not carry out a request.

    Attributes:
        error: name of the error, as the worker claims.
        place: where in the submission, or "".
    """

    def __init__(self, error: str, message: str, place: str) -> None:
        super().__init__(f"{error}: {message}" if message else error)
        self.error = error
        self.place = place
