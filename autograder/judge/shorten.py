"""Shorten a failing program by running candidates on the submission again."""

from __future__ import annotations

from collections.abc import Callable

from autograder.judge.clock import Budget
from autograder.judge.faults import RequestFailed, WorkerEnded
from autograder.judge.session import Session
from autograder.program.model import Finding, NotWritten, Program
from autograder.program.shrink import Simpler, shrink

ATTEMPTS = {"violation": 400, "crash": 24, "protocol": 24, "timeout": 6, "memory": 6}
"""How often a program is run again, by the kind of failure: some kinds cost a worker each time."""
STALL_CPU_SECONDS, STALL_WALL_SECONDS = 0.3, 2.0

Attempt = Callable[[Program, Budget], Finding | None]
"""Runs a program and judges it; raises NotWritten, WorkerEnded or RequestFailed."""


def shortest_violation(
    program: Program, finding: Finding, attempt: Attempt, session: Session, simpler: Simpler
) -> Program:
    """The shortest program found that breaks the same invariant, by the same mistake if known."""
    wanted = finding.violation

    def breaks(candidate: Program) -> bool:
        if not session.shortens or session.time_is_up:
            return False
        try:
            found = attempt(candidate, session.budget)
        except (NotWritten, WorkerEnded, RequestFailed):
            return False
        if found is None or found.violation.invariant != wanted.invariant:
            return False
        return not wanted.pattern or found.violation.pattern == wanted.pattern

    cut = program[: finding.index + 1]
    return shrink(cut if breaks(cut) else program, breaks, simpler, ATTEMPTS["violation"])


def shortest_end(
    program: Program, kind: str, attempt: Attempt, session: Session, simpler: Simpler
) -> Program:
    """The shortest program found that ends its worker in the same way.

    Programs that run into a limit are dear to shorten: only the first one of a session is.
    """
    budget, attempts = session.budget, ATTEMPTS[kind]
    if kind in ("timeout", "memory"):
        attempts = 0 if session.stalled else attempts
        session.stalled = True
    if kind == "timeout":
        cpu = min(STALL_CPU_SECONDS, budget.cpu_seconds)
        budget = Budget(cpu, STALL_WALL_SECONDS, budget.memory_bytes)

    def ends_too(candidate: Program) -> bool:
        if not session.shortens or session.time_is_up:
            return False
        try:
            attempt(candidate, budget)
        except WorkerEnded as again:
            return again.kind == kind
        except RequestFailed:
            return kind == "crash"
        except NotWritten:
            return False
        return False

    return shrink(program, ends_too, simpler, attempts)
