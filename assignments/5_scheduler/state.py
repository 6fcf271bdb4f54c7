"""What the judge believes to have seen of a scheduler: its state, and a step's plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from autograder.program.malformed import Malformed
from autograder.program.model import NotWritten
from autograder.protocol.plain import Json

WAITING, RUNNING, PREEMPTED = "WAITING", "RUNNING", "PREEMPTED"
STOPPED, CAPPED, ABORTED = "FINISHED_STOPPED", "FINISHED_LENGTH_CAPPED", "FINISHED_ABORTED"
STATUSES = (WAITING, RUNNING, PREEMPTED, STOPPED, CAPPED, ABORTED)
UNTRUSTED = "something else than the contract's plain types"
Pairs = list[tuple[int, int]]


@dataclass(frozen=True)
class Seen:
    """One request as the submission shows it; `outputs` are its generated tokens."""

    status: str
    outputs: tuple[int, ...]
    num_prompt: int
    num_computed: int
    num_cached: int
    num_preemptions: int
    table: tuple[int, ...]

    @property
    def num_tokens(self) -> int:
        """Number of tokens, prompt and generated."""
        return self.num_prompt + len(self.outputs)

    @property
    def is_finished(self) -> bool:
        """True if it has ended, whatever the reason."""
        return self.status.startswith("FINISHED")


@dataclass(frozen=True)
class State:
    """A scheduler as the submission shows it.

    Attributes:
        free: blocks that the pool could hand out.
        host_free: those of the host; 0 without a host.
        counts: running and waiting requests, as `get_request_counts` says.
        requests: every request that was added, by name.
    """

    free: int = 0
    host_free: int = 0
    counts: tuple[int, int] = (0, 0)
    requests: Mapping[str, Seen] = field(default_factory=dict)

    def having(self, *statuses: str) -> list[str]:
        """Names of the requests of these statuses."""
        return [name for name, one in self.requests.items() if one.status in statuses]

    @property
    def blocks_held(self) -> set[int]:
        """Ids of all blocks in tables."""
        return {block for one in self.requests.values() for block in one.table}


@dataclass(frozen=True)
class Plan:
    """A step's plan, as the submission shows it. Its fields are those of SchedulerOutput."""

    tokens: Mapping[str, int]
    computed: Mapping[str, int]
    new: frozenset[str]
    resumed: frozenset[str]
    preempted: frozenset[str]
    finished: frozenset[str]
    swap_out: Pairs
    swap_in: Pairs
    copies: Pairs


def read_state(state: Json) -> State:
    """Check an untrusted observation of a scheduler.

    Raises:
        Malformed: it shows values of the wrong type.
        NotWritten: a method that it needs is still a stub.
    """
    if not isinstance(state, dict) or not isinstance(state.get("requests"), dict):
        raise Malformed("a state that can be read", UNTRUSTED)
    counts = _read("get_request_counts()", state.get("counts"))
    if not (isinstance(counts, list) and len(counts) == 2 and all(type(n) is int for n in counts)):
        raise Malformed("get_request_counts() gives two ints", f"it gives {said(counts)}")
    return State(
        free=_integer("the number of free blocks", state.get("free")),
        host_free=_integer("the number of free host blocks", state.get("host_free")),
        counts=(counts[0], counts[1]),
        requests={name: _request(name, shown) for name, shown in state["requests"].items()},
    )


def read_plan(shown: Any) -> Plan:
    """Check an untrusted plan.

    Raises:
        Malformed: it is no SchedulerOutput, or holds values of the wrong type.
    """
    if not isinstance(shown, dict):
        raise Malformed("a SchedulerOutput", UNTRUSTED)
    return Plan(
        tokens=_counts(shown, "num_scheduled_tokens"),
        computed=_counts(shown, "num_computed_tokens"),
        new=_names(shown, "scheduled_new_req_ids"),
        resumed=_names(shown, "resumed_req_ids"),
        preempted=_names(shown, "preempted_req_ids"),
        finished=_names(shown, "finished_req_ids"),
        swap_out=_pairs(shown, "blocks_to_swap_out"),
        swap_in=_pairs(shown, "blocks_to_swap_in"),
        copies=_pairs(shown, "blocks_to_copy"),
    )


def said(value: Json) -> str:
    """A value as a student would call it: what is no plain data goes by its type's name."""
    if isinstance(value, dict) and "type" in value:
        kind = value["type"]
        name = kind.get("name") if isinstance(kind, dict) else kind
        return "None" if name == "NoneType" else f"a {name}"
    return f"{value}"[:200]


def are_ints(value: Any) -> bool:
    """True if an untrusted value is a list of integers."""
    return isinstance(value, list) and all(type(one) is int for one in value)


def _request(name: str, shown: Json) -> Seen:
    _read(f"request {name}", shown)
    if not isinstance(shown, dict):
        raise Malformed(f"request {name} can be read", UNTRUSTED)
    status, outputs, table = shown.get("status"), shown.get("outputs"), shown.get("table")
    if status not in STATUSES:
        raise Malformed(f"{name}.status is a RequestStatus", f"it is {said(status)}")
    if not are_ints(outputs) or not are_ints(table):
        raise Malformed(f"{name} has lists of tokens and of blocks", f"{said(outputs)}")
    return Seen(
        status=str(status),
        outputs=tuple(outputs),  # type: ignore[arg-type]
        num_prompt=_integer(f"{name}.num_prompt_tokens", shown.get("prompt")),
        num_computed=_integer(f"{name}.num_computed_tokens", shown.get("computed")),
        num_cached=_integer(f"{name}.num_cached_tokens", shown.get("cached")),
        num_preemptions=_integer(f"{name}.num_preemptions", shown.get("preemptions")),
        table=tuple(table),  # type: ignore[arg-type]
    )


def _counts(shown: Mapping[str, Any], name: str) -> Mapping[str, int]:
    value = shown.get(name)
    if not isinstance(value, dict) or not all(type(one) is int for one in value.values()):
        raise Malformed(f"{name} is a dict of ints", f"it is {said(value)}")
    return value


def _names(shown: Mapping[str, Any], name: str) -> frozenset[str]:
    value = shown.get(name)
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise Malformed(f"{name} is a set of request ids", f"it is {said(value)}")
    return frozenset(value)


def _pairs(shown: Mapping[str, Any], name: str) -> Pairs:
    value = shown.get(name)
    if not isinstance(value, list) or not all(are_ints(one) and len(one) == 2 for one in value):
        raise Malformed(f"{name} is a list of pairs of block ids", f"it is {said(value)}")
    return [(one[0], one[1]) for one in value]


def _integer(what: str, shown: Any) -> int:
    _read(what, shown)
    if type(shown) is not int:
        raise Malformed(f"{what} is an int", f"it is {said(shown)}")
    return shown


def _read(what: str, shown: Any) -> Any:
    if isinstance(shown, dict) and "error" in shown:
        if shown["error"] == "NotImplementedError":
            raise NotWritten
        raise Malformed(f"{what} can be read", f"it raised {shown['error']}")
    return shown
