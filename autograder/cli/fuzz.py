"""`fuzz`: hold a submission against a stage's oracle in random programs, in this process."""

from __future__ import annotations

import argparse
import importlib
import secrets
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from types import ModuleType
from typing import Any

from autograder.cli.exits import Exit, refuse
from autograder.cli.grading import ROOT, SEED_BITS
from autograder.judge.stage_package import Language, import_stage, stage_language
from autograder.program.model import (
    Checker,
    Finding,
    NotWritten,
    Observation,
    Program,
    first_violation,
)
from autograder.program.shrink import shrink
from autograder.program.skips import unexcused_skip
from autograder.rubric.load import load_course
from autograder.rubric.model import Stage
from autograder.worker.execute import STUDENT_PACKAGE
from autograder.worker.serve import Worker

SIZE = 2_000
"""Operations of one program, about."""
REPORT_EVERY = 100_000


class CannotRun(Exception):
    """The submission cannot be imported. Says why."""


@dataclass(frozen=True)
class Bench:
    """Runs programs on one submission and judges them by the oracle."""

    worker: Worker
    oracle: Callable[[], Checker]
    language: Language

    def judge(self, program: Program) -> Finding | None:
        """The first difference between what was seen and the oracle."""
        reply: Any = self.worker.handle("run", {"ops": [op.to_json() for op in program]})
        seen = [Observation.from_json(one) for one in reply]
        skipped = unexcused_skip(program, seen, self.language.references)
        end = skipped.index if skipped else len(program)
        try:
            return first_violation(self.oracle(), program[:end], seen[:end]) or skipped
        except NotWritten:
            raise CannotRun("a function that the programs call is not written yet") from None

    def shorten(self, program: Program, finding: Finding) -> tuple[Program, Finding]:
        """The shortest program found that breaks the same invariant, and where it does."""

        def breaks(candidate: Program) -> bool:
            found = self.judge(candidate)
            return found is not None and found.violation.invariant == finding.violation.invariant

        cut = program[: finding.index + 1]
        short = shrink(cut if breaks(cut) else program, breaks, self.language.simpler)
        return short, self.judge(short) or finding


def main(argv: list[str]) -> int:
    """Run random programs until so many operations are done, or one shows a difference."""
    parser = argparse.ArgumentParser(prog="autograder fuzz", description=__doc__)
    parser.add_argument("--stage", type=int, required=True)
    parser.add_argument("--operations", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--submission", type=Path, default=ROOT / "reference")
    args = parser.parse_args(argv)
    if args.operations < 1:
        return refuse(Exit.USAGE, f"--operations {args.operations}: at least 1 is needed")
    course = load_course(ROOT / "assignments")
    stage = next((one for one in course.stages if one.id == args.stage), None)
    if stage is None:
        return refuse(Exit.USAGE, f"there is no stage {args.stage} in this suite")
    import_stage(stage)
    generate = _part(stage, "generate")
    oracle = _part(stage, "oracle")
    if generate is None or oracle is None or not hasattr(generate, "fuzz_program"):
        return refuse(Exit.USAGE, f"stage {stage.id} has no random programs or no oracle")
    seed = secrets.randbits(SEED_BITS) if args.seed is None else args.seed
    try:
        bench = Bench(_loaded(stage, args.submission), oracle.Oracle, stage_language(stage))
        return _fuzz(bench, generate.fuzz_program, args.operations, seed)
    except CannotRun as error:
        return refuse(Exit.NOTHING_TO_GRADE, f"{args.submission}: {error}")


def _fuzz(bench: Bench, make: Callable[[int, int], Program], operations: int, seed: int) -> int:
    """Run programs made from the numbers that follow from `seed`."""
    numbers, done, programs = Random(seed), 0, 0
    print(f"seed {seed}")
    while done < operations:
        number = numbers.getrandbits(32)
        program = make(number, min(SIZE, operations - done))
        finding = bench.judge(program)
        if finding is not None:
            print(
                f"a difference in program {programs + 1}, made from {number}, after {done:,}"
                " operations without one"
            )
            print("\n".join(_shown(bench, *bench.shorten(program, finding))))
            return int(Exit.BELOW_BAR)
        if (done + len(program)) // REPORT_EVERY > done // REPORT_EVERY:
            print(f"{done + len(program):,} operations", file=sys.stderr, flush=True)
        done, programs = done + len(program), programs + 1
    print(f"{done:,} operations in {programs:,} programs: no difference from the oracle")
    return int(Exit.DONE)


def _shown(bench: Bench, program: Program, finding: Finding) -> list[str]:
    violation = finding.violation
    lines = [f"     {bench.language.to_python(op)}" for op in program]
    lines[finding.index] += "   <- here"
    return [
        *lines,
        f"expected  {violation.expected}",
        f"observed  {violation.observed}",
        f"breaks    {violation.invariant or 'what no rule tolerates'}",
    ]


def _loaded(stage: Stage, submission: Path) -> Worker:
    """A worker in this process, with the stage's modules of a submission."""
    for name in [one for one in sys.modules if one.partition(".")[0] == STUDENT_PACKAGE]:
        del sys.modules[name]
    worker = Worker(stage.folder, submission.resolve())
    report: Any = worker.handle("load", {"modules": [Path(name).stem for name in stage.modules]})
    for name, error in report.items():
        if error is not None:
            raise CannotRun(f"importing {name}: {error['error']}: {error['message']}")
    return worker


def _part(stage: Stage, name: str) -> ModuleType | None:
    if not (stage.folder / f"{name}.py").is_file():
        return None
    return importlib.import_module(f"stage{stage.id}.{name}")
