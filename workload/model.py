"""A fitted workload: the tables in `tables/`, read into the processes that use them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workload.arrivals import Bursts, Drifting
from workload.lengths import Lengths
from workload.quantiles import QuantileTable
from workload.sessions import Sessions
from workload.trace import WorkloadError

TABLES = Path(__file__).with_name("tables")


@dataclass(frozen=True)
class Model:
    """Everything that a trace is generated from.

    `requests` is the length of the trace it was fitted to, `beyond` the leading blocks that
    unrelated requests share, `recorded` that trace's own statistics (`workload.statistics`). Where
    there are `sessions`, prompts come from them, and `prompt` is what all of them come to.
    """

    name: str
    source: str
    licence: str
    requests: int
    beyond: int
    prompt: Lengths
    output: Lengths
    arrivals: Drifting | Bursts
    sessions: Sessions | None
    recorded: Mapping[str, float]


def fitted() -> tuple[str, ...]:
    """Give the names of all fitted models."""
    return tuple(sorted(file.stem for file in TABLES.glob("*.toml")))


def load_model(name: str) -> Model:
    """Read one fitted model.

    Raises:
        WorkloadError: there is none of this name.
    """
    file = TABLES / f"{name}.toml"
    if not file.is_file():
        raise WorkloadError(f"no fitted tables {name!r}; there are: {', '.join(fitted())}")
    return model_from(name, tomllib.loads(file.read_text(encoding="utf-8")))


def model_from(name: str, content: Mapping[str, Any]) -> Model:
    """Build a model from the content of its TOML file."""
    return Model(
        name=name,
        source=content["source"],
        licence=content["licence"],
        requests=content["requests"],
        beyond=content["beyond"],
        prompt=_lengths(content["prompt"]),
        output=_lengths(content["output"]),
        arrivals=_arrivals(content["arrivals"]),
        sessions=_sessions(content["sessions"]) if "sessions" in content else None,
        recorded=content["recorded"],
    )


def _table(values: list[float]) -> QuantileTable:
    return QuantileTable(tuple(map(float, values)))


def _lengths(content: Mapping[str, Any]) -> Lengths:
    return Lengths(_table(content["quantiles"]), tuple(content["drift"]))


def _arrivals(content: Mapping[str, Any]) -> Drifting | Bursts:
    if "per_minute" in content:
        return Drifting(tuple(map(float, content["per_minute"])))
    lists = {key: _table(value) for key, value in content.items() if isinstance(value, list)}
    return Bursts(**{**content, **lists})


def _sessions(content: Mapping[str, Any]) -> Sessions:
    keys = ("first_prompt", "pauses", "second", "later", "kept", "rewritten")
    tables = {key: _table(content[key]) for key in keys}
    lists = {key: tuple(content[key]) for key in ("roots", "root_weights", "goes_on")}
    return Sessions(**{**content, **tables, **lists})
