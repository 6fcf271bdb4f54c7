"""results.json: everything that a gradebook or another tool may want to know."""

from __future__ import annotations

from dataclasses import asdict

from autograder.protocol.plain import Json
from autograder.report.run import Run
from autograder.scoring.result import RuleScore, StageScore, hundredths

SCHEMA = "pagedlab.results/1"


def results(run: Run) -> dict[str, Json]:
    """The document as plain data. Numbers of points have two decimals."""
    head = run.header
    return {
        "schema": SCHEMA,
        "score": float(run.score),
        "max": run.maximum,
        "visible_max": float(run.visible),
        "undecided": float(run.undecided),
        "suite": {"id": head.suite, "hash": head.suite_hash},
        "submission": {"path": head.submission, "hash": head.submission_hash},
        "environment": dict(head.environment),
        "isolation": head.isolation,
        "lanes": {
            "here": [name for name, why in head.lanes.items() if not why],
            "missing": {name: why for name, why in head.lanes.items() if why},
        },
        "seed": head.seed,
        "started": head.started,
        "seconds": round(run.seconds, 2),
        "stages": [_stage(stage) for stage in run.stages],
    }


def _stage(stage: StageScore) -> Json:
    return {
        "id": stage.stage.id,
        "name": stage.stage.name,
        "score": float(stage.score),
        "max": stage.maximum,
        "cells": {
            cell.axis.value: {
                "score": float(cell.score),
                "max": cell.maximum,
                "visible_max": float(cell.visible),
                "undecided": float(cell.undecided),
            }
            for cell in stage.cells
        },
        "rules": [_rule(rule) for rule in stage.rules],
    }


def _rule(score: RuleScore) -> Json:
    rule, cause = score.rule, score.cause
    return {
        "id": rule.id,
        "title": rule.title,
        "axis": rule.axis.value,
        "group": rule.group,
        "visibility": "visible" if rule.visible else "hidden",
        "status": score.status.value,
        "points": float(hundredths(score.points)),
        "max": float(hundredths(score.maximum)),
        "seconds": score.seconds,
        "measured": dict(score.measured or {}),
        "flag": score.flag,
        "notes": list(score.notes),
        "cause": None if cause is None else _plain(asdict(cause)),
    }


def _plain(value: object) -> Json:
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value  # type: ignore[return-value]
