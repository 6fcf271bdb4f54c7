"""The handout's contract as predicates over two neighbouring observations.

Says what must hold between what was seen before and after one operation. Students get it, and
their failures are explained in its words. Functions that keep nothing are judged by values that
the tests state; here, only by the errors that are due. postconditions.py has the tracker.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from stage6.allocator_rules import AllocatorRules
from stage6.language import TRACKED
from stage6.memory_rules import MemoryRules
from stage6.postconditions import TrackerRules
from stage6.values import value_error, wrong_error

from autograder.program.malformed import Malformed
from autograder.program.model import NotWritten, Observation, Op, Violation


class Contract:
    """Checks the observations of one program, in order."""

    def __init__(self) -> None:
        self._allocator = AllocatorRules()
        self._memory = MemoryRules()
        self._tracker = TrackerRules()

    def step(self, op: Op, seen: Observation) -> Iterator[Violation]:
        """Give every sentence of the contract that this operation breaks."""
        if seen.error == "NotImplementedError":
            raise NotWritten
        try:
            if op.name in ("first_fit", "buddy", "take", "give"):
                yield from self._allocator.step(op, seen)
            elif op.name in ("paged", "contiguous", "admit", "append", "release", "use"):
                yield from self._memory.step(op, seen)
            elif op.name in ("tracker", "percentile", *TRACKED):
                yield from self._tracker.step(op, seen)
            else:
                yield from wrong_error(DUE[op.name](**op.args), seen)
        except Malformed as malformed:
            yield malformed.violation


def _overloaded(invalid: bool, load: float) -> tuple[str, ...]:
    return value_error(invalid) or (("Overloaded",) if load >= 1 else ())


DUE: Mapping[str, Callable[..., tuple[str, ...]]] = {
    "token_bytes": lambda config, cache_dtype: value_error(
        (config.get("torch_dtype") if cache_dtype == "auto" else cache_dtype)
        not in ("float32", "bfloat16", "float16", "fp8")
    ),
    "budget_blocks": lambda config, block_size, budget_bytes: value_error(
        block_size < 1 or budget_bytes < 0
    ),
    "request_blocks": lambda config, block_size, num_tokens: value_error(
        block_size < 1 or num_tokens < 0
    ),
    "reserved": lambda policy, prompt, output, max_model_len: value_error(
        prompt + output > max_model_len
    ),
    "split": lambda **_: (),
    "replay": lambda **_: (),
    "example": lambda **_: (),
    "summarize": lambda stays, start, end: value_error(
        end <= start or any(departure < arrival for arrival, departure in stays)
    ),
    "wait": lambda rate, services: _overloaded(
        rate < 0 or not services, rate * sum(services) / max(1, len(services))
    ),
    "sojourn": lambda rate, output, fixed, each, batch: _overloaded(
        rate < 0 or output <= 0, rate * output * (each + (fixed / batch if batch else 0.0))
    ),
    "largest": lambda output, **_: value_error(output <= 0),
}
"""For functions that keep nothing: the errors of which one must be raised, by operation."""
