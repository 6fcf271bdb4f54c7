"""Reads policy.toml, and refuses what it does not understand."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from autograder.batch.scores.policy import Dropped, Excused, Extension, Policy, PolicyError

Said = TypeVar("Said")
FIELDS = {
    "due": datetime,
    "zone": str,
    "grace_minutes": int,
    "late_days": int,
    "penalty_per_day": (int, float),
    "last_day": int,
    "missing": str,
    "unknown_instant": str,
    "late_days_used": dict,
    "submitted": dict,
    "extensions": list,
    "excused": list,
    "dropped": list,
}


def read_policy(file: Path) -> Policy:
    """Read a policy; the default one if there is no file.

    Raises:
        PolicyError: it says something that is not known, or not right.
    """
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Policy()
    except (OSError, ValueError) as error:
        raise PolicyError(f"{file}: {error}") from error
    try:
        for name, value in data.items():
            kinds = FIELDS.get(name)
            if kinds is None:
                raise PolicyError(f"{name!r} is nothing that a policy can say")
            if not isinstance(value, kinds) or isinstance(value, bool):  # type: ignore[arg-type]
                raise PolicyError(f"{name} has a value of the wrong kind")
        return _policy(data)
    except PolicyError as error:
        raise PolicyError(f"{file}: {error}") from None


def _policy(data: Mapping[str, Any]) -> Policy:
    penalty = Decimal(str(data.get("penalty_per_day", 0)))
    numbers = [data.get(name, 0) for name in ("grace_minutes", "late_days", "last_day")]
    if not penalty.is_finite() or not 0 <= penalty <= 100 or min(numbers) < 0:
        raise PolicyError("days and minutes are not negative, and a penalty is 0 to 100 percent")
    due = data.get("due")
    if due is not None:
        _aware(due, "due")
    used = data.get("late_days_used", {})
    if any(type(days) is not int or days < 0 for days in used.values()):
        raise PolicyError("late_days_used needs a number of days for each student")
    extensions = _one_each(map(_extension, data.get("extensions", [])), "an extension")
    if due and any(one.due < due for one in extensions.values()):
        raise PolicyError("an extension ends before the due date")
    dropped = _one_each(map(_dropped, data.get("dropped", [])), "dropped")
    return Policy(
        due=due,
        zone=_zone(data.get("zone")),
        grace_minutes=data.get("grace_minutes", 0),
        late_days=data.get("late_days", 0),
        late_days_used=used,
        penalty_per_day=penalty,
        last_day=data.get("last_day"),
        missing_is_zero=_one_of(data, "missing", ("blank", "zero")) == "zero",
        unknown_is_on_time=_one_of(data, "unknown_instant", ("ask", "on_time")) == "on_time",
        submitted={key: _aware(at, key) for key, at in data.get("submitted", {}).items()},
        extensions=extensions,
        excused=_one_each(map(_excused, data.get("excused", [])), "excused"),
        dropped=tuple(dropped.values()),
    )


def _one_each(said: Iterable[tuple[str, Said]], what: str) -> dict[str, Said]:
    found: dict[str, Said] = {}
    for key, one in said:
        if key in found:
            raise PolicyError(f"{what} stands twice for {key}")
        found[key] = one
    return found


def _zone(name: str | None) -> ZoneInfo | None:
    try:
        return None if name is None else ZoneInfo(name)
    except (ValueError, OSError, KeyError):  # ZoneInfoNotFoundError is a KeyError
        raise PolicyError(f"there is no zone {name!r}: say one like America/New_York") from None


def _one_of(data: Mapping[str, Any], name: str, words: tuple[str, ...]) -> str:
    word = str(data.get(name, words[0]))
    if word not in words:
        raise PolicyError(f"{name} is one of {', '.join(words)}")
    return word


def _aware(value: object, name: str) -> datetime:
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise PolicyError(f"{name}: a time needs its offset, as in 2026-11-01T23:59:00-05:00")
    return value


def _extension(data: object) -> tuple[str, Extension]:
    match data:
        case {"student": str(student), "due": due, "by": str(by), "reason": str(reason)}:
            return student, Extension(_aware(due, "an extension's due"), by, reason)
    raise PolicyError("an extension needs student, due, by and reason")


def _excused(data: object) -> tuple[str, Excused]:
    match data:
        case {"student": str(student), "by": str(by), "reason": str(reason)}:
            return student, Excused(by, reason)
    raise PolicyError("excused needs student, by and reason")


def _dropped(data: object) -> tuple[str, Dropped]:
    match data:
        case {
            "rule": str(rule),
            "credit": "everyone" | "nobody" as credit,
            "by": str(by),
            "reason": str(reason),
        }:
            return rule, Dropped(rule, credit == "everyone", by, reason)
    raise PolicyError('a dropped rule needs rule, credit = "everyone" or "nobody", by and reason')
