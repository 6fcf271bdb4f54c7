"""What the queueing module must say: Little's law on a log, and the fluid model's predictions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from autograder.program.malformed import Malformed
from autograder.program.model import Violation
from autograder.protocol.plain import Json

FIXED, PER_TOKEN, PER_KV_TOKEN = 0.02, 0.0001, 0.000001
EXACT = 1e-9
PARTS = ("system", "queue", "service")
AFTER: Mapping[str, str] = {"admit": "queue", "preempt": "service", "finish": "service"}
"""By event: where the request must be. "arrive" needs one that was never heard of."""


class LogModel:
    """Every visit of every request to queue and service, kept as it is."""

    def __init__(self) -> None:
        self._visits: list[tuple[str, str, float, float | None]] = []
        self._times: list[float] = []

    def error(self, time: float, who: str, event: str) -> str:
        """The error that this event must raise, or ""."""
        place = next(
            (part for name, part, _, end in self._visits if name == who and end is None), ""
        )
        known = any(name == who for name, *_ in self._visits)
        right = not known if event == "arrive" else place == AFTER.get(event)
        late = bool(self._times) and time < self._times[-1]
        return "" if right and not late else "ValueError"

    def note(self, time: float, who: str, event: str) -> None:
        """Close the visit that ends, begin the one that begins."""
        self._times.append(time)
        self._visits = [
            (name, part, start, time if name == who and end is None else end)
            for name, part, start, end in self._visits
        ]
        if event != "finish":
            part = "service" if event == "admit" else "queue"
            self._visits.append((who, part, time, None))

    def little_error(self) -> str:
        """The error that a measurement must raise now, or ""."""
        inside = any(end is None for *_, end in self._visits)
        return "ValueError" if inside or not self._times or self._span == 0 else ""

    def little(self, part: str) -> list[float]:
        """Mean number, rate and mean seconds of one part."""
        spent = sum(
            end - start
            for _, visited, start, end in self._visits
            if end is not None and part in ("system", visited)
        )
        count = len({name for name, *_ in self._visits})
        return [spent / self._span, count / self._span, spent / count]

    @property
    def num_finished(self) -> int:
        """Requests that came and went."""
        inside = {name for name, *_, end in self._visits if end is None}
        return len({name for name, *_ in self._visits} - inside)

    @property
    def _span(self) -> float:
        return self._times[-1] - self._times[0]


def read_run(shown: Any) -> tuple[LogModel, dict[str, list[float]]]:
    """A log of the reported events of a run, and what the submission's log says of each part.

    Raises:
        Malformed: the events are none that can follow each other, or there are no numbers.
    """
    model = LogModel()
    try:
        for time, who, event in shown["events"]:
            if model.error(float(time), who, event):
                raise Malformed("a run that can be", f"{who} cannot {event} at {time:.6g}")
            model.note(time, who, event)
        numbers = {part: list(map(_number, shown["little"][part])) for part in PARTS}
    except (KeyError, TypeError, ValueError, OverflowError):
        raise Malformed("a run, and L, rate and W of its parts", f"{shown}"[:200]) from None
    if model.little_error() or any(len(three) != 3 for three in numbers.values()):
        raise Malformed("a run that ends, and three numbers a part", f"{numbers}"[:200])
    return model, numbers


def _number(shown: Json) -> float:
    if type(shown) not in (int, float):
        raise TypeError
    return float(shown)  # type: ignore[arg-type]


def largest(lengths: list[list[int]]) -> float:
    """The rate at which steps have no end: one over the mean work of a request."""
    work = 0.0
    for prompt, output in lengths:
        for step in range(output):
            work += PER_TOKEN * (prompt if step == 0 else 1) + PER_KV_TOKEN * (prompt + step)
    return len(lengths) / work


def predicted(rate: float, lengths: list[list[int]]) -> list[float]:
    """Step seconds, mean running, mean seconds; the step found by going on until it stays."""
    work, step = 1 / largest(lengths), FIXED
    for _ in range(100_000):
        step, before = FIXED + rate * step * work, step
        if abs(step - before) < 1e-16:
            break
    outputs = sum(output for _, output in lengths) / len(lengths)
    return [step, rate * outputs * step, (outputs + 0.5) * step]


def differs(rule: str, what: str, right: list[float], found: Json) -> Iterator[Violation]:
    """A violation if numbers are not the right ones, to a part in a thousand million."""
    try:
        values = [_number(one) for one in (found if isinstance(found, list) else [found])]
    except (TypeError, OverflowError):
        values = []
    if len(values) != len(right):
        yield Violation("", f"{what}: {len(right)} numbers", f"{found}"[:200])
    elif not all(
        abs(one - due) <= EXACT * max(1.0, abs(due)) for one, due in zip(values, right, strict=True)
    ):
        shown = ", ".join(f"{one:.10g}" for one in right)
        yield Violation(rule, f"{what} {shown}", ", ".join(f"{one:.10g}" for one in values))
