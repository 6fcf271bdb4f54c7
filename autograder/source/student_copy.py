"""Files that students get otherwise than they are here: without hidden rules, without our pins."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Collection, Mapping

from autograder.rubric.model import Rule, Stage
from autograder.source.toml_text import toml_text

NOTE = "# Generated from the course's own copy: what belongs to hidden rules is left out.\n\n"


def hidden_rules(stage: Stage) -> tuple[Rule, ...]:
    """The rules of a stage that students' copies of the rubric leave out."""
    return tuple(rule for rule in stage.rules if not rule.visible)


def student_stage(text: str, stage: Stage) -> str:
    """Rewrite stage.toml: hidden rules become a weight per axis, in `[hidden_weight]`.

    Args:
        text: of the stage.toml.
        stage: the same, as read.
    """
    data = tomllib.loads(text)
    hidden = {rule.id for rule in hidden_rules(stage)}
    weights = Counter({axis.value: weight for axis, weight in stage.hidden_weight.items()})
    for rule in hidden_rules(stage):
        weights[rule.axis.value] += rule.weight
    rules = [rule for rule in data.pop("rules") if rule["id"] not in hidden]
    for rule in rules:
        for key in {"requires", "instead"} & set(rule):
            rule[key] = [name for name in rule[key] if name not in hidden]
    data["hidden_weight"] = dict(weights)
    return NOTE + toml_text({**data, "rules": rules})


def without_rules(text: str, rules: Collection[str]) -> str:
    """Rewrite a TOML file without the tables and values whose key is one of `rules`."""
    return NOTE + toml_text(_without_keys(tomllib.loads(text), rules))


def _without_keys(data: Mapping[str, object], keys: Collection[str]) -> dict[str, object]:
    return {
        key: _without_keys(value, keys) if isinstance(value, Mapping) else value
        for key, value in data.items()
        if key not in keys
    }


def student_requirements(text: str, leave_out: Collection[str]) -> str:
    """Remove the pins of some packages.

    Raises:
        ValueError: a package of `leave_out` is not pinned; the list is out of date.
    """
    lines, absent = [], set(leave_out)
    for line in text.splitlines(keepends=True):
        pin = re.match(r"[\w.-]+(?===)", line)
        if pin is None or pin[0] not in leave_out:
            lines.append(line)
        else:
            absent.discard(pin[0])
    if absent:
        raise ValueError(f"requirements.txt does not pin {', '.join(sorted(absent))}")
    return "".join(lines)
