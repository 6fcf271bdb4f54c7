"""What Classroom 50 takes, as its `runner.py` and `collect_scores.py` say it (August 2026)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def refused(result: Any, expected: Mapping[str, str]) -> str:
    """Why a result.json would be published as an error, or ""."""
    if result.get("schema") != "classroom50/result/v1":
        return "schema"
    for name in ("classroom", "assignment", "assignment_type"):
        if result.get(name) != expected[name]:
            return name
    if str(result.get("owner")).lower() != expected["owner"].lower():
        return "owner"
    if not str(result.get("submission")).startswith("submit/"):
        return "submission"
    for name in ("commit", "release", "review", "datetime"):
        if not isinstance(result.get(name), str) or not result[name]:
            return name
    if not _bounded(result):
        return "score"
    return next((f"test {n}" for n, one in enumerate(result["tests"]) if not _whole(one)), "")


def _whole(test: Any) -> bool:
    named = isinstance(test["test-name"], str) and test["test-name"]
    return bool(named) and type(test["passed"]) is bool and _bounded(test)


def _bounded(scored: Any) -> bool:
    score, most = scored["score"], scored["max-score"]
    return type(score) is int and type(most) is int and 0 <= score <= most
