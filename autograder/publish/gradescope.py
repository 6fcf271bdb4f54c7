"""Gradescope's `results.json`. Standard library only: the container's fallback needs it too.

Source of the format: docs/specs.md of gradescope/autograder_samples, January 2025.

Points that are undecided stand nowhere as a zero: their rule has no score, and as long as there
are any, every rule waits for publication, so that no student sees a total that lacks them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autograder.publish.report import Item, Report

AFTER = "after_published"
NOTHING: Mapping[str, float] = {}


def results(report: Report, changed: Mapping[str, float] = NOTHING) -> dict[str, Any]:
    """The document that Gradescope reads.

    Args:
        report: what the engine found.
        changed: points of rules, by id, that somebody has overridden since.
    """
    if report.refused:
        return _refused(report)
    gained = sum(changed.get(item.id, item.points) - item.points for item in report.items)
    return {
        "score": round(report.score + gained, 2),
        "execution_time": report.seconds,
        "output": "\n".join(_remarks(report)),
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": [_test(item, report, changed) for item in report.items],
        "leaderboard": [
            {
                "name": "performance points of the public rules",
                "value": round(sum(map(_for_leaderboard, report.items)), 2),
                "order": "desc",
            }
        ],
        "extra_data": {
            **report.facts,
            "undecided": report.undecided,
            "flags": {item.shown: item.flag for item in report.items if item.flag},
        },
    }


def _test(item: Item, report: Report, changed: Mapping[str, float]) -> dict[str, Any]:
    test: dict[str, Any] = {
        "name": item.shown,
        "output": item.text if item.visible else "",
        "output_format": "text",
        "tags": [item.axis, f"stage {item.stage}"],
        "visibility": "visible" if item.visible and not report.undecided else AFTER,
    }
    if item.undecided and item.id not in changed:
        undecided = f"{item.maximum} points are undecided: a fault of the grader, not yours."
        return {**test, "output": undecided, "tags": [*test["tags"], "undecided"]}
    return {
        **test,
        "score": changed.get(item.id, item.points),
        "max_score": item.maximum,
        "status": "passed" if item.status == "pass" else "failed",
    }


def _remarks(report: Report) -> list[str]:
    lines = [*report.notes]
    if report.undecided:
        lines += [
            f"{report.undecided} of {report.maximum} points are undecided: a fault of the grader,"
            " not of your code. None of them is lost. The course's staff has to grade this again."
        ]
    return lines


def _refused(report: Report) -> dict[str, Any]:
    """Nothing could be graded: the delivery's fault, and the student can hand in again."""
    text = f"Nothing was graded: {report.refused}. Hand in the folder that holds pagedlab/."
    return {
        "score": 0.0,
        "output": text,
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": [{"name": "The submission can be read", "status": "failed", "output": text}],
        "extra_data": dict(report.facts),
    }


def _for_leaderboard(item: Item) -> float:
    """Only what every student may see counts: a rank must not give hidden rules away."""
    return item.points if item.axis == "performance" and item.visible else 0.0
