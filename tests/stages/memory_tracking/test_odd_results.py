"""Whatever a submission shows, the judges come to a verdict: no result is too odd for them."""

from __future__ import annotations

import pytest

from autograder.program.model import NotWritten, Observation, Op, first_violation
from autograder.protocol.plain import Json
from tests.stages.memory_tracking.bench import REFERENCE, modules_of, part, seen_of

language = part("language")
ODD: list[Json] = [
    *(None, True, -1, 10**30, 0.5, "", "x", [], [[]], [None], {}),
    *({"type": "float out of bounds"}, {"error": "ZeroDivisionError"}, [1, 2, 3, 4, 5, 6]),
    [["a", "b"], [1, 2]],
]
MEMORY = language.contiguous("row", "max", 20, 8)
PROGRAMS = {
    "allocator": (language.buddy(16), language.take("a", 3), language.give("a")),
    "memory": (MEMORY, language.admit("a", 3, 2), language.append("a"), language.use(2, 2)),
    "tracker": (
        language.tracker(4, 4),
        language.allocate(0.0, "a", 1, 2),
        language.write(1.0, 1, 3),
        language.finish(2.0, "a"),
        language.percentile(50),
    ),
    "functions": (
        language.token_bytes(part("models").shape(2, 32, 4, "float16")),
        language.summarize([(0.0, 1.0)], 0.0, 2.0),
        language.wait(0.5, [1.0]),
        language.replay(MEMORY, [(1, 1)]),
    ),
}


def bent(seen: Observation, odd: Json, part_of_state: str) -> Observation:
    """An observation whose result or one part of the state is something odd."""
    fields = {name: getattr(seen, name) for name in Observation.__dataclass_fields__}
    if part_of_state:
        fields["state"] = {**seen.state, part_of_state: odd}
    else:
        fields["result"] = odd
    return Observation(**fields)


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize("judge", ["contract.Contract", "oracle.Oracle"])
def test_an_odd_result_or_state_is_a_violation_or_nothing(name: str, judge: str) -> None:
    module, _, kind = judge.partition(".")
    program: tuple[Op, ...] = PROGRAMS[name]
    with modules_of(REFERENCE) as modules:
        seen = seen_of(modules, program)
    checker = getattr(part(module), kind)
    assert first_violation(checker(), program, seen) is None
    for index, one in enumerate(seen):
        for place in ("", *one.state):
            for odd in ODD:
                shown = [*seen[:index], bent(one, odd, place), *seen[index + 1 :]]
                try:
                    first_violation(checker(), program, shown)
                except NotWritten:
                    continue
                language.show_state(shown[index].state) if place == "" else None


def test_what_a_student_reads_is_python() -> None:
    for program in PROGRAMS.values():
        for op in program:
            compile(language.to_python(op), "program", "exec")
