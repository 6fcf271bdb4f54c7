"""Run a program in a worker and read back what it says to have seen."""

from __future__ import annotations

from autograder.judge.clock import Budget
from autograder.judge.faults import WorkerEnded
from autograder.judge.worker import Worker
from autograder.program.model import Observation, Program
from autograder.protocol.plain import Json, ProtocolError


def observe(worker: Worker, program: Program, budget: Budget) -> list[Observation]:
    """Run a program in a worker and read back one observation per operation.

    Raises:
        WorkerEnded: the worker is gone, or what it said is no list of observations.
        RequestFailed: the driver could not do its work on this submission.
    """
    reply = worker.request("run", {"ops": [op.to_json() for op in program]}, budget)
    try:
        return _observations(reply, len(program))
    except ProtocolError as error:
        worker.close()
        raise WorkerEnded("protocol", f"your code broke the reply: {error}") from None


def _observations(reply: Json, expected: int) -> list[Observation]:
    if not isinstance(reply, list) or len(reply) != expected:
        raise ProtocolError(f"not the {expected} observations that were asked for")
    return [Observation.from_json(value) for value in reply]
