"""Public rules as otter's test files: one exception-based file a rule, made of stage data."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from autograder.rubric.model import Course, Rule, Stage
from autograder.scoring.result import hundredths
from autograder.scoring.score import rule_points

TEXT = '''"""Generated from stage {stage}'s rules. One test for otter: `otter check -q {id}`."""

from otter.test_files import test_case

from autograder.publish.public_rules import require

OK_FORMAT = False
name = "{id}"
points = {points}


@test_case(name={title!r}, points={points}, hidden=False)
def test_rule():
    require("{id}")
'''


def public_rules(stage: Stage) -> tuple[Rule, ...]:
    """Rules that students can run and that carry points, in rubric order."""
    return tuple(rule for rule in stage.rules if rule.visible and rule_points(stage, rule))


def otter_tests(course: Course) -> Iterator[tuple[str, str]]:
    """Give the path of each test file, below the folder of all, and its text."""
    for stage in course.stages:
        for rule in public_rules(stage):
            points = float(hundredths(rule_points(stage, rule)))
            text = TEXT.format(id=rule.id, stage=stage.id, title=rule.title, points=points)
            yield f"stage{stage.id}/{rule.id}.py", text


def write_otter_tests(course: Course, out: Path) -> int:
    """Write them below `out`; files of rules that are no more are removed. Gives their number."""
    texts = dict(otter_tests(course))
    for stale in out.glob("stage*/*.py"):
        if stale.relative_to(out).as_posix() not in texts:
            stale.unlink()
    for path, text in texts.items():
        file = out / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return len(texts)
