"""What the contract knows of a program so far: requests, their order, who is on the host."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from stage5.driver_text import own_prompt
from stage5.order import Order
from stage5.state import ABORTED, State, read_state
from stage5.step import Config, blocks_for
from stage5.theory import LogModel

from autograder.program.malformed import Malformed
from autograder.program.model import Observation, Violation


def wrong_error(due: str, seen: Observation) -> Iterator[Violation]:
    """The violation if another error than the one due was raised, or none where one is."""
    raised = f"raises {seen.error}: {seen.message}".rstrip(": ")[:200] if seen.error else "no error"
    if due and seen.error != due:
        yield Violation("I17", f"raises {due}", raised)
    elif not due and seen.error:
        yield Violation("", "no error", raised)


class Books:
    """Follows a program, whatever was asked."""

    def __init__(self) -> None:
        self._config = Config(0, 1, 1, 0, 0)
        self._order = Order("fcfs")
        self._events = LogModel()
        self._told: dict[str, Mapping[str, Any]] = {}
        self._before = State()
        self._on_host: dict[str, int] = {}
        self._ended: set[str] = set()

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
