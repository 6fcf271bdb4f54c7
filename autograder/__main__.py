"""`python -m autograder VERB …`: find the verb and hand over."""

from __future__ import annotations

import difflib
import importlib
import io
import sys
import traceback

VERBS = {
    "grade": "grade a submission on all four axes",
    "check": "run some rules of one submission and explain every failure",
    "debug": "run one rule in this process, with pdb at hand",
    "hint": "show the next hint for a rule",
    "doctor": "say what this machine can grade",
    "rescore": "score a recorded run again, without running anything",
    "summary": "show a recorded run as Markdown, for a hosted run's page",
    "students": "generate an example class",
    "batch": "grade a whole class",
    "grades": "work out a class's grades again: policy, adjustments; nothing is run",
    "export": "write grades in the form that a gradebook reads",
    "dashboard": "show a class on one page, under pseudonyms",
    "leaderboard": "rank those who want to be ranked, by what was counted",
    "similar": "list submissions that are alike beyond what was given",
    "merge": "bring the parts of a class together that were graded apart",
    "compare": "say what differs between two runs before anything is published",
    "validate": "prove the suite: wheats, chaffs, attacks, repeated grading",
    "calibrate": "measure the performance anchors anew",
    "fuzz": "hold the reference against a stage's oracle in random programs",
    "starter": "generate starter/ from reference/",
    "rubric": "generate the tables of rubric.md",
    "release": "build the students' repository",
    "autograder": "build the zip for Gradescope and `otter run`",
    "otter": "the public rules as otter's test files; otter and the engine side by side",
    "classroom": "write what Classroom 50 and GitHub Actions need to grade a push",
}
INSTRUCTORS_ONLY = (
    "students",
    "batch",
    "grades",
    "dashboard",
    "leaderboard",
    "export",
    "similar",
    "merge",
    "compare",
    "validate",
    "calibrate",
    "fuzz",
    "starter",
    "rubric",
    "release",
    "autograder",
    "otter",
    "classroom",
)
"""Not in a students' tree."""
USAGE, FAULT = 2, 3


def main(argv: list[str]) -> int:
    """Run one verb. Returns the exit code."""
    verb = argv[0] if argv else ""
    if verb in ("", "-h", "--help"):
        print(_help())
        return 0 if verb else USAGE
    if verb not in VERBS:
        near = difflib.get_close_matches(verb, VERBS, n=1)
        hint = f" Did you mean {near[0]}?" if near else ""
        print(f"autograder: there is no verb {verb!r}.{hint} See --help.", file=sys.stderr)
        return USAGE
    try:
        module = importlib.import_module(f"autograder.cli.{verb}")
    except ModuleNotFoundError as error:
        if verb in INSTRUCTORS_ONLY and error.name == f"autograder.cli.{verb}":
            print(f"autograder: {verb} is not part of this copy.", file=sys.stderr)
            return USAGE
        raise
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        return int(module.main(argv[1:]))
    except KeyboardInterrupt:
        print("\ninterrupted; what was decided is in .pagedlab/events.jsonl", file=sys.stderr)
        return 130
    except Exception:
        traceback.print_exc()
        print(f"autograder: a fault of the grader in {verb!r}, see above", file=sys.stderr)
        return FAULT


def _help() -> str:
    width = max(map(len, VERBS))
    lines = [f"  {verb:<{width}}  {text}" for verb, text in VERBS.items()]
    return "\n".join(["python -m autograder VERB [--help]", "", *lines])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
