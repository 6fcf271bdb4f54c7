"""What was measured, as a file: everything that the tables and the plot are drawn from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from reproduce.memory.experiment import Run
from reproduce.serving import Served


@dataclass(frozen=True)
class Results:
    """All runs of the memory experiment.

    `main` has every workload on every memory. `real` has the same for stretches of real traces, if
    there were any. The others vary one thing each: see `experiment.py`.
    """

    requests: int
    seeds: tuple[int, ...]
    main: tuple[Run, ...]
    by_length: tuple[Run, ...] = ()
    by_block_size: tuple[Run, ...] = ()
    real: tuple[Run, ...] = ()


RUNS = ("main", "by_length", "by_block_size", "real")


def to_json(results: Results) -> str:
    """Give the results as text: numbers to nine digits, one run a line."""
    head = {"requests": results.requests, "seeds": list(results.seeds)}
    parts = [f'"{key}": {json.dumps(value)}' for key, value in head.items()]
    for name in RUNS:
        lines = [f"  {json.dumps(_rounded(asdict(run)))}" for run in getattr(results, name)]
        parts.append(f'"{name}": [\n' + ",\n".join(lines) + "\n]" if lines else f'"{name}": []')
    return "{\n" + ",\n".join(parts) + "\n}\n"


def from_json(text: str) -> Results:
    """Read what `to_json` wrote."""
    content: Mapping[str, Any] = json.loads(text)
    runs = {name: tuple(_run(each) for each in content[name]) for name in RUNS}
    return Results(content["requests"], tuple(content["seeds"]), **runs)


def _run(content: Mapping[str, Any]) -> Run:
    served = tuple(Served(**each) for each in content["served"])
    return Run(**{**content, "served": served})


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(each) for each in value]
    return float(f"{value:.9g}") if isinstance(value, float) else value
