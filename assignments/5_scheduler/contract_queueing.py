"""A log of requests, and the predictions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from stage5.contract_books import Books, wrong_error
from stage5.theory import EXACT, differs, largest, predicted, read_run

from autograder.program.model import Observation, Op, Violation
from autograder.protocol.plain import Json


class Queueing(Books):
    """Judges a log, and what is predicted."""

    def _log(self, op: Op, seen: Observation) -> Iterator[Violation]:
        yield from wrong_error("", seen)

    def _record(self, op: Op, seen: Observation) -> Iterator[Violation]:
        args: Any = op.args
        due = self._events.error(**args)
        yield from wrong_error(due, seen)
        if not due:
            self._events.note(**args)

    def _little(self, op: Op, seen: Observation) -> Iterator[Violation]:
        due = self._events.little_error()
        yield from wrong_error(due, seen)
        if not due and not seen.error:
            part = str(op.args["part"])
            yield from differs("I20", f"{part}: L, rate, W", self._events.little(part), seen.result)

    def _run(self, op: Op, seen: Observation) -> Iterator[Violation]:
        yield from wrong_error("", seen)
        if seen.error:
            return
        model, shown = read_run(seen.result)
        if model.num_finished != op.args["requests"]:
            expected = f"all {op.args['requests']} requests are served to their ends"
            yield Violation("I12", expected, f"{model.num_finished} are")
            return
        for part, (mean_number, rate, seconds) in shown.items():
            found: Json = [mean_number, rate, seconds]
            yield from differs("I20", f"{part}: L, rate, W", model.little(part), found)
            if not abs(mean_number - rate * seconds) <= EXACT * max(1.0, mean_number):
                expected = f"{part}: L is rate times W to nine digits"
                yield Violation("I20", expected, f"{mean_number!r} and {rate * seconds!r}")

    def _largest(self, op: Op, seen: Observation) -> Iterator[Violation]:
        lengths: Any = op.args["lengths"]
        yield from wrong_error("ValueError" * (not lengths), seen)
        if lengths and not seen.error:
            yield from differs("I21", "the largest rate is", [largest(lengths)], seen.result)

    def _predict(self, op: Op, seen: Observation) -> Iterator[Violation]:
        args: Any = op.args
        rate, lengths = args["rate"], args["lengths"]
        due = "ValueError" * (not lengths or not 0 < rate < largest(lengths))
        yield from wrong_error(due, seen)
        if not due and not seen.error:
            what = "step_seconds, mean_running, mean_seconds are"
            yield from differs("I21", what, predicted(rate, lengths), seen.result)
