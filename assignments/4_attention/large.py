"""Batches of a server's size: run as C in a worker, judged here. A worker's reply is a claim."""

from __future__ import annotations

from dataclasses import dataclass

from stage4.contract import Contract
from stage4.machine import PRELOAD
from stage4.operations import as_c, attend, decode, ragged

from autograder.judge.clock import Budget
from autograder.judge.session import Session
from autograder.paged_batch.spec import BatchSpec
from autograder.program.model import Finding, Observation, Op, first_violation
from autograder.protocol.plain import Json
from kernel_lanes.record import BadRecord, Record

ASK = ("autograder.paged_batch.fast_lane", "attend")
BUDGET = Budget(cpu_seconds=60.0, wall_seconds=240.0, memory_bytes=3 << 30)
SMALLER: tuple[Op, ...] = (
    attend(decode(9001, num_heads=1, seed=11)),
    attend(decode(*(17 + number % 3 for number in range(40)), num_heads=1, seed=12)),
    attend(ragged((1100, 20), (700, 1), seed=13)),
)
"""For kernels that have no translation: as much of the same as the interpreter can do."""


@dataclass(frozen=True)
class Ran:
    """What a worker says of one batch.

    Attributes:
        seen: the observation, as the driver would give it.
        record: what was counted.
        untranslated: why the kernels cannot be run as C, or "".
    """

    seen: Observation
    record: Record
    untranslated: str


def run(session: Session, spec: BatchSpec) -> Ran:
    """Have one batch attended to. Asked for again, it is not run again.

    Raises:
        WorkerEnded: the submission ended its worker.
        RequestFailed: the submission raised.
        BadRecord: the reply has another form.
    """
    return read(session.ask_aside(PRELOAD, ASK, BUDGET, {"spec": spec.changed()}))


def read(reply: Json) -> Ran:
    """A worker's reply.

    Raises:
        BadRecord: it has another form.
    """
    keys = ("result", "untranslated", "refused", "torch", "record")
    if not isinstance(reply, dict) or set(reply) != set(keys):
        raise BadRecord("not what a batch gives")
    result, untranslated, refused, torch, data = (reply[key] for key in keys)
    if not isinstance(untranslated, str) or not isinstance(refused, str):
        raise BadRecord("no reasons")
    record = Record.from_plain(data)
    fault: list[Json] | None = None
    if refused:
        fault = ["refused", f"Triton's compiler refuses it: {refused}"]
    elif record.fault:
        fault = [record.fault.kind, str(record.fault)[:600]]
    state: dict[str, Json] = {
        "altered": [],
        "launches": [[one.kernel[:80], [*one.grid]] for one in record.launches[:50]],
        "torch": torch,
        "fault": fault,
    }
    return Ran(Observation(result, state=state), record, untranslated)


def wrong(spec: BatchSpec, ran: Ran) -> Finding | None:
    """What the contract says of it, if anything."""
    return first_violation(Contract(), (as_c(spec),), [ran.seen])
