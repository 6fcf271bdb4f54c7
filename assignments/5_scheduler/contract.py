"""The handout's contract as predicates over neighbouring observations.

Says what must hold before and after every operation. It plans no step and chooses no block:
students get it, and their failures are explained in its words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from stage5.driver import next_token, own_prompt
from stage5.order import Order
from stage5.postconditions import (
    POSTCONDITIONS,
    Config,
    Step,
    admissions,
    blocks_for,
    idleness,
    tables,
)
from stage5.state import (
    ABORTED,
    CAPPED,
    PREEMPTED,
    RUNNING,
    STOPPED,
    WAITING,
    Malformed,
    Seen,
    State,
    read_plan,
    read_state,
)
from stage5.theory import EXACT, LogModel, differs, largest, predicted, read_run

from autograder.program.model import NotWritten, Observation, Op, Violation
from autograder.protocol.plain import Json


class Contract:
    """Checks the observations of one program, in order."""

    def __init__(self) -> None:
        self._config = Config(0, 1, 1, 0, 0)
        self._order = Order("fcfs")
        self._events = LogModel()
        self._told: dict[str, Mapping[str, Any]] = {}
        self._before = State()
        self._on_host: dict[str, int] = {}
        self._ended: set[str] = set()

    def step(self, op: Op, seen: Observation) -> Iterator[Violation]:
        """Give every sentence of the contract that this operation breaks."""
        if seen.error == "NotImplementedError":
            raise NotWritten
        try:
            yield from getattr(self, f"_{op.name}")(op, seen)
        except Malformed as malformed:
            yield malformed.violation

    # ---- the scheduler -------------------------------------------------------------------------

    def _new(self, op: Op, seen: Observation) -> Iterator[Violation]:
        args: Any = op.args
        bad = not 1 <= args["seqs"] <= args["tokens"] or args["watermark"] < 0
        yield from wrong_error("ValueError" * bad, seen)
        if seen.error:
            return
        self._config = Config(**{k: v for k, v in args.items() if k != "policy"})
        self._order = Order(args["policy"])
        self._before = read_state(seen.state)
        yield from tables(self._before, self._config.blocks)

    def _add(self, op: Op, seen: Observation) -> Iterator[Violation]:
        args: Any = op.args
        size = args["prompt"] if isinstance(args["prompt"], int) else len(args["prompt"])
        longest = size + args["out"] - 1
        bad = self._is_unfinished(op.binds) or size < 1 or args["out"] < 1
        bad = bad or blocks_for(longest) > self._config.blocks
        yield from wrong_error("ValueError" * bad, seen)
        after = self._read(seen.state, "" if seen.error else op.binds)
        if seen.error:
            yield from self._unchanged("I17", after)
        else:
            self._told[op.binds] = args
            self._order.add(op.binds, args)
            yield from self._unchanged("I17", after, op.binds)
            yield from self._is_new(op.binds, after, WAITING)
            yield from tables(after, self._config.blocks)
        self._before = after

    def _fork(self, op: Op, seen: Observation) -> Iterator[Violation]:
        parent = str(op.args["parent"])
        full = len(self._before.having(RUNNING)) >= self._config.seqs
        running = parent in self._before.having(RUNNING)
        bad = full or not running or self._is_unfinished(op.binds)
        yield from wrong_error("ValueError" * bad, seen)
        after = self._read(seen.state, "" if seen.error else op.binds)
        if seen.error:
            yield from self._unchanged("I17", after)
        else:
            self._told[op.binds] = {**self._told[parent], "prompt": self._prompt(parent)}
            self._order.fork(parent, op.binds)
            yield from self._unchanged("I17", after, op.binds)
            yield from self._is_new(op.binds, after, RUNNING)
            yield from tables(after, self._config.blocks)
        self._before = after

    def _abort(self, op: Op, seen: Observation) -> Iterator[Violation]:
        names: Any = op.args["names"]
        yield from wrong_error("", seen)
        after = self._read(seen.state)
        yield from self._unchanged("I14", after, *names)
        yield from self._aborted(names, self._before, after)
        yield from tables(after, self._config.blocks)
        yield from self._host_room(after)
        self._before = after

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

    def _aborted(self, names: Sequence[str], was: State, now: State) -> Iterator[Violation]:
        for name in names:
            if name in was.requests and not was.requests[name].is_finished:
                self._end(name)
                one = now.requests[name]
                if one.status != ABORTED or one.outputs != was.requests[name].outputs:
                    expected = f"{name} is {ABORTED}, its tokens as they were"
                    yield Violation("I14", expected, f"{one.status}, {list(one.outputs)}")

    def _end(self, name: str) -> None:
        self._ended.add(name)
        self._on_host.pop(name, None)
        self._order.finish(name)

    def _host_room(self, after: State) -> Iterator[Violation]:
        due = self._config.host - sum(map(blocks_for, self._on_host.values()))
        if after.host_free != due:
            yield Violation("I14", f"{due} host blocks are free", f"{after.host_free}")

    def _read(self, shown: Any, new: str = "") -> State:
        """A state that shows the requests that it must.

        Raises:
            Malformed: it shows others, or cannot be read.
        """
        state = read_state(shown)
        names = {*self._before.requests, *([new] if new else [])}
        if set(state.requests) != names:
            raise Malformed(f"requests {sorted(names)}", f"requests {sorted(state.requests)}")
        return state

    def _is_unfinished(self, name: str) -> bool:
        one = self._before.requests.get(name)
        return one is not None and not one.is_finished

    def _prompt(self, name: str) -> list[int]:
        prompt = self._told[name]["prompt"]
        return own_prompt(name, prompt) if isinstance(prompt, int) else list(prompt)

    def _is_new(self, name: str, after: State, status: str) -> Iterator[Violation]:
        now = after.requests[name]
        if now.status != status or now.num_preemptions:
            yield Violation("I17", f"{name} is {status}, never preempted", f"{now.status}")

    def _unchanged(self, rule: str, after: State, *but: str) -> Iterator[Violation]:
        for name, was in self._before.requests.items():
            if name not in but and after.requests.get(name) != was:
                yield Violation(rule, f"{name} stays as it was: {was}", f"{after.requests[name]}")
        if not but and (after.free, after.counts) != (self._before.free, self._before.counts):
            expected = f"still {self._before.free} free, counts {self._before.counts}"
            yield Violation(rule, expected, f"{after.free} free, counts {after.counts}")

    # ---- a policy by itself --------------------------------------------------------------------

    def _policy(self, op: Op, seen: Observation) -> Iterator[Violation]:
        kind = str(op.args["kind"])
        yield from wrong_error("ValueError" * (kind == "bad_aging"), seen)
        self._order = Order(kind)

    def _arrive(self, op: Op, seen: Observation) -> Iterator[Violation]:
        yield from wrong_error("", seen)
        self._order.add(op.binds, op.args)

    def _serve(self, op: Op, seen: Observation) -> Iterator[Violation]:
        yield from wrong_error("", seen)
        self._order.serve(str(op.args["request"]), int(str(op.args["tokens"])))

    def _leave(self, op: Op, seen: Observation) -> Iterator[Violation]:
        yield from wrong_error("", seen)
        self._order.finish(str(op.args["request"]))

    def _rank(self, op: Op, seen: Observation) -> Iterator[Violation]:
        yield from wrong_error("", seen)
        if not seen.error:
            names: Any = op.args["names"]
            yield from self._order.wrong_ranking(list(names), seen.result)

    # ---- queueing ------------------------------------------------------------------------------

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


def wrong_error(due: str, seen: Observation) -> Iterator[Violation]:
    """The violation if another error than the one due was raised, or none where one is."""
    raised = f"raises {seen.error}: {seen.message}".rstrip(": ")[:200] if seen.error else "no error"
    if due and seen.error != due:
        yield Violation("I17", f"raises {due}", raised)
    elif not due and seen.error:
        yield Violation("", "no error", raised)
