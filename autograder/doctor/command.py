"""The verb `doctor`: prints what this machine can grade."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from autograder.doctor.examine import examine
from autograder.doctor.report import Report, as_json, as_text

EXIT_GRADABLE, EXIT_USAGE, EXIT_NOT_GRADABLE = 0, 2, 3


def main(argv: list[str], look: Callable[[], Report] = examine) -> int:
    """Examines this machine and prints the report on stdout.

    Args:
        argv: the arguments after the verb; `--json` is the only one.
        look: examines the machine.

    Returns:
        0 if stage 1 can be graded here, 3 if it cannot, 2 for an argument that is not known.
    """
    parser = argparse.ArgumentParser(
        prog="python -m autograder doctor", description="Say what this machine can grade."
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document instead")
    options, unknown = parser.parse_known_args(argv)
    if unknown:
        print(f"doctor: unknown argument {unknown[0]!r}; it takes only --json", file=sys.stderr)
        return EXIT_USAGE
    report = look()
    sys.stdout.write(as_json(report) if options.json else as_text(report))
    return EXIT_GRADABLE if report.first_stage_gradable else EXIT_NOT_GRADABLE
