"""What the judge believes to have seen: plans, calls of the model, outputs. Nothing is trusted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from autograder.program.malformed import Malformed
from autograder.program.model import NotWritten
from autograder.protocol.plain import Json

UNTRUSTED = "something else than the contract's plain types"


@dataclass(frozen=True)
class Plan:
    """A step's plan. Its fields are those of SchedulerOutput, in their order."""

    counts: Mapping[str, int]
    starts: Mapping[str, int]
    new_blocks: Mapping[str, list[int]]
    new: frozenset[str]
    resumed: frozenset[str]
    preempted: frozenset[str]
    finished: frozenset[str]
    swap_out: list[list[int]]
    swap_in: list[list[int]]
    copies: list[list[int]]


@dataclass(frozen=True)
class Segment:
    """One request's part of a batch, as model and attention got it.

    Attributes:
        first: place of its first token in the row of tokens.
        table: the block table, without what lies behind the length.
    """

    first: int
    tokens: tuple[int, ...]
    positions: tuple[int, ...]
    slots: tuple[int, ...]
    length: int
    table: tuple[int, ...]


@dataclass(frozen=True)
class Call:
    """One forward pass.

    Attributes:
        num_tokens: that went through the model, padding among them.
        segments: the batch, cut at query_start_loc.
        rows: by place in the row of tokens: the logits that were asked for, or None for NaN.
        through_cache: all layers wrote and read by the backend, with the same tables.
    """

    num_tokens: int
    segments: tuple[Segment, ...]
    rows: Mapping[int, list[float] | None]
    through_cache: bool


def read_plan(shown: Any) -> Plan:
    """Check the shape of a plan that a submission's scheduler made.

    Raises:
        Malformed: it is none.
    """
    try:
        counts, starts, blocks, *others = shown.values()
        plan = Plan(
            {str(name): int(count) for name, count in counts.items()},
            {name: int(starts[name]) for name in counts},
            {name: [int(one) for one in blocks[name]] for name in counts},
            *(frozenset(map(str, names)) for names in others[:4]),  # type: ignore[arg-type]
            *([[int(a), int(b)] for a, b in pairs] for pairs in others[4:]),  # type: ignore[arg-type]
        )
    except (AttributeError, KeyError, TypeError, ValueError):
        raise Malformed("a plan of the scheduler that can be read", UNTRUSTED) from None
    return plan


def read_calls(shown: Any, block_size: int) -> list[Call]:
    """Read what model and backend noted.

    Raises:
        Malformed: attention got tensors that do not fit each other.
    """
    try:
        return [_read_call(one, block_size) for one in shown]
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        raise Malformed("tensors that fit each other", "attention got others", "I3") from None


def _read_call(shown: Mapping[str, Any], block_size: int) -> Call:
    rows = {int(place): sketch for place, sketch in shown["rows"]}
    segments = []
    if shown["through_cache"]:
        starts, lengths = shown["starts"], shown["lengths"]
        for row, (first, end) in enumerate(zip(starts, starts[1:], strict=False)):
            blocks = -(-lengths[row] // block_size)
            place = slice(first, end)
            columns = [shown[name][place] for name in ("tokens", "positions", "slots")]
            tokens, positions, slots = map(tuple, columns)
            table = tuple(shown["table"][row][:blocks])
            segments.append(Segment(first, tokens, positions, slots, lengths[row], table))
    return Call(len(shown["tokens"]), tuple(segments), rows, shown["through_cache"])


def read_outputs(shown: Any) -> list[Mapping[str, Any]]:
    """Check the shape of what `step` returned.

    Raises:
        Malformed: it is no list of `RequestOutput`.
    """
    if not isinstance(shown, list) or not all(isinstance(one, dict) for one in shown):
        raise Malformed("a list of RequestOutput", UNTRUSTED, "I10")
    for one in shown:
        tokens = one.get("new_token_ids")
        if not isinstance(tokens, list) or not all(type(token) is int for token in tokens):
            raise Malformed("new_token_ids is a tuple of tokens", f"{one}", "I10")
    return shown


def guarded(shown: Json) -> Json:
    """A part of the state that the driver could read.

    Raises:
        NotWritten: it is a stub.
        Malformed: it raised.
    """
    if isinstance(shown, dict) and "raised" in shown:
        if str(shown["raised"]).startswith("NotImplementedError"):
            raise NotWritten
        raise Malformed("a state that can be read", f"raises {shown['raised']}")
    return shown
