"""`hint`: one more hint for a rule, from nudge to near-answer. What was shown is remembered."""

from __future__ import annotations

import argparse
import json
import textwrap
import tomllib
from pathlib import Path

from autograder.cli.exits import Exit, refuse
from autograder.cli.grading import OUT, ROOT
from autograder.rubric.load import load_course
from autograder.rubric.model import RubricError


def main(argv: list[str]) -> int:
    """Show the next hint. After the last one, show them all again."""
    parser = argparse.ArgumentParser(prog="autograder hint", description=__doc__)
    parser.add_argument("rule", help="such as 1.3")
    parser.add_argument("--all", action="store_true", help="show every hint of the rule")
    args = parser.parse_args(argv)
    try:
        rule = load_course(ROOT / "assignments").rule(args.rule)
        hints = hints_for(ROOT / "assignments", args.rule)
    except (KeyError, RubricError):
        text = f"there is no rule {args.rule!r}; name one, such as R=1.2; all are in rubric.md"
        return refuse(Exit.USAGE, text)
    if not hints:
        return refuse(Exit.USAGE, f"rule {args.rule} has no hints")
    memory = ROOT / OUT / "hints.json"
    shown = min(_read(memory).get(args.rule, 0) + 1, len(hints))
    count = len(hints) if args.all else shown
    print(f"{rule.id}  {rule.title}\n")
    for number, hint in enumerate(hints[:count], 1):
        text = f"hint {number} of {len(hints)}: {hint}"
        print(textwrap.fill(text, 80, subsequent_indent="    ") + "\n")
    _write(memory, {**_read(memory), args.rule: shown})
    if count < len(hints):
        print(f"more: make hint R={args.rule}")
    return int(Exit.DONE)


def hints_for(assignments: Path, rule_id: str) -> list[str]:
    """The hints of one rule, mildest first.

    Raises:
        KeyError: no stage of this suite has the rule.
    """
    course = load_course(assignments)
    file = course.stage(course.rule(rule_id).stage).folder / "hints.toml"
    if not file.is_file():
        return []
    return list(tomllib.loads(file.read_text(encoding="utf-8")).get(rule_id, {}).get("hints", []))


def _read(memory: Path) -> dict[str, int]:
    try:
        data = json.loads(memory.read_text(encoding="utf-8"))
        return {str(key): int(value) for key, value in data.items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}


def _write(memory: Path, shown: dict[str, int]) -> None:
    memory.parent.mkdir(parents=True, exist_ok=True)
    memory.write_text(json.dumps(shown), encoding="utf-8")
