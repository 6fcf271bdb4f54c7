"""A step of the scheduler: its plan, and what became of the model's answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from stage5.contract_books import Books, wrong_error
from stage5.driver_text import next_token
from stage5.postconditions import POSTCONDITIONS, admissions, idleness, tables
from stage5.state import CAPPED, PREEMPTED, RUNNING, STOPPED, WAITING, Seen, State, read_plan
from stage5.step import Step

from autograder.program.model import Observation, Op, Violation


class Steps(Books):
    """Judges steps."""

    def _step(self, op: Op, seen: Observation) -> Iterator[Violation]:
        yield from wrong_error("", seen)
        if seen.error:
            return
        result: Any = seen.result if isinstance(seen.result, dict) else {}
        plan = read_plan(result.get("plan"))
        unfinished = {n: one for n, one in self._before.requests.items() if not one.is_finished}
        self._before = replace(self._before, requests=unfinished)
        between = self._read(result.get("scheduled"))
        after = self._read(seen.state)
        places = {name: self._order.place(name) for name in unfinished}
        ended, self._ended = frozenset(self._ended), set()
        step = Step(self._config, places, dict(self._on_host), ended, self._before, plan, between)
        yield from self._check_step(step)
        if "cannot_run" in result:
            yield Violation("I11", "a plan that can be run", f"{result['cannot_run']}")
            return
        shown = result.get("tables")
        for name, table in shown.items() if isinstance(shown, dict) else ():
            if name in between.having(RUNNING) and list(between.requests[name].table) != table:
                expected = f"{name} has blocks {list(between.requests[name].table)}"
                yield Violation("I11", expected, f"by the plan, it has {table}")
        self._remember(step)
        yield from self._answered(op, step, after)
        self._before = after

    def _check_step(self, step: Step) -> Iterator[Violation]:
        for check in POSTCONDITIONS:
            yield from check(step)
        yield from tables(step.after, self._config.blocks)
        yield from admissions(step, self._order)
        yield from idleness(step, self._order)

    def _remember(self, step: Step) -> None:
        """Keep track of who is on the host."""
        room = step.before.host_free
        for name in reversed(step.victims):
            was = step.before.requests[name]
            if self._config.host and len(was.table) <= room:
                room -= len(was.table)
                self._on_host[name] = was.num_computed
        for name in step.admitted:
            self._on_host.pop(name, None)

    def _answered(self, op: Op, step: Step, after: State) -> Iterator[Violation]:
        """What update_from_output made of the model's answer, and the aborts before it."""
        says: Any = op.args["says"]
        gone: Any = op.args["abort"]
        between = step.after
        yield from self._aborted(gone, between, after)
        for name, was in between.requests.items():
            now = after.requests.get(name, was)
            if was.is_finished or name in gone:
                continue
            tokens, status = [], was.status
            if name in step.plan.tokens and was.num_computed == was.num_tokens:
                answer = [next_token([*self._prompt(name), *was.outputs])]
                tokens, status = self._until_the_end(name, was, says.get(name, answer))
            rule = "I13" if name in says or status != was.status else "I12"
            if list(now.outputs[len(was.outputs) :]) != tokens or now.num_tokens < was.num_tokens:
                new = list(now.outputs[len(was.outputs) :])
                yield Violation(rule, f"{name} gets the tokens {tokens}", f"it gets {new}")
            if now.status != status:
                yield Violation("I13", f"{name} is {status}", f"{now.status}")
            if status == was.status and now.num_computed != was.num_computed:
                expected = f"{name}.num_computed_tokens stays {was.num_computed}"
                yield Violation("I2", expected, f"{now.num_computed}")
            if status not in (was.status, WAITING, RUNNING, PREEMPTED):
                self._end(name)
        yield from tables(after, self._config.blocks)
        yield from self._host_room(after)

    def _until_the_end(self, name: str, was: Seen, said: Sequence[int]) -> tuple[list[int], str]:
        told = self._told[name]
        tokens: list[int] = []
        for token in said:
            tokens.append(token)
            if token in told["stop"]:
                return tokens, STOPPED
            if len(was.outputs) + len(tokens) >= told["out"]:
                return tokens, CAPPED
        return tokens, was.status
