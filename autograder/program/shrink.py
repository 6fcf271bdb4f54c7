"""Find the shortest program that still fails: delta debugging, deterministic and bounded.

After Zeller and Hildebrandt, "Simplifying and isolating failure-inducing input" (TSE 2002).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from autograder.program.model import Op, Program

Fails = Callable[[Program], bool]
Simpler = Callable[[Op], Iterable[Op]]


def shrink(program: Program, fails: Fails, simpler: Simpler, attempts: int = 400) -> Program:
    """Remove operations, then simplify arguments, as long as `fails` stays true.

    Args:
        program: one that fails. Its first operation sets up and is never removed.
        fails: True if a candidate fails in the same way. Called at most `attempts` times.
        simpler: gives simpler forms of one operation, simplest first.
        attempts: bound on the work.

    Returns:
        A failing program, no longer than the given one; the same every time.
    """
    budget = _Budget(fails, attempts)
    while True:
        shorter = _simplify_once(_remove_chunks(program, budget), budget, simpler)
        if shorter == program:
            return program
        program = shorter


class _Budget:
    """Counts calls of the predicate; out of budget, nothing fails any more."""

    def __init__(self, fails: Fails, attempts: int) -> None:
        self._fails = fails
        self._left = attempts

    def __call__(self, program: Program) -> bool:
        if self._left <= 0:
            return False
        self._left -= 1
        return self._fails(program)


def _remove_chunks(program: Program, fails: Fails) -> Program:
    size = max(1, (len(program) - 1) // 2)
    while True:
        shorter = next(filter(fails, _without_chunks(program, size)), None)
        if shorter is not None:
            program = shorter
        elif size == 1:
            return program
        size = max(1, min(size if shorter else size // 2, (len(program) - 1) // 2))


def _without_chunks(program: Program, size: int) -> Iterator[Program]:
    """Later operations go first: they depend on earlier ones, not the other way round."""
    for end in range(len(program), 1, -size):
        start = max(1, end - size)
        yield program[:start] + program[end:]


def _simplify_once(program: Program, fails: Fails, simpler: Simpler) -> Program:
    for index in range(len(program)):
        for op in simpler(program[index]):
            candidate = program[:index] + (op,) + program[index + 1 :]
            if fails(candidate):
                program = candidate
                break
    return program
