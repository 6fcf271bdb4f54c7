"""Makes the traces of the performance rules from the course's workloads (needs numpy).

    PYTHONPATH=. .venv/bin/python assignments/5_scheduler/traces/make.py

Lengths are divided, so that a run takes a fraction of a second; time is stretched, so that the
imagined server is busy and not lost.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from workload.generate import generate
from workload.named import named

SEED = 5


@dataclass(frozen=True)
class Scale:
    """Which workload, how many requests, what lengths are divided by, how fast they arrive."""

    workload: str
    requests: int
    divisor: int
    rate: float


SCALES = {
    "steady": Scale("steady-chat", 300, 16, 1.0),
    "bursty": Scale("bursty-code", 300, 16, 1.0),
    "agents": Scale("shared-prefix-agents", 250, 32, 1.0),
    "growing": Scale("sharegpt-like", 120, 6, 1.0),
    "stragglers": Scale("long-context-stragglers", 250, 16, 1.0),
}


def trace_text(scale: Scale) -> str:
    """One trace as JSON, a line a request: arrival in ms, prompt as (name, tokens), output."""
    trace = generate(named(scale.workload), scale.requests, SEED, scale.rate)
    lines = []
    for number, one in enumerate(trace.requests()):
        prompt = max(1, round(one.prompt_tokens / scale.divisor))
        size = trace.block_tokens // scale.divisor
        segments = [[-1 - number, prompt]]
        if one.blocks:
            whole = [[block, size] for block in one.blocks[: prompt // size]]
            rest = prompt - size * len(whole)
            segments = [*whole, [-1 - number, rest]] if rest else whole
        output = max(1, round(one.output_tokens / scale.divisor))
        lines.append(
            json.dumps([round(one.arrival * 1000), segments, output], separators=(",", ":"))
        )
    return "[\n" + ",\n".join(lines) + "\n]\n"


if __name__ == "__main__":
    for name, scale in SCALES.items():
        file = Path(__file__).with_name(f"{name}.json")
        file.write_text(trace_text(scale), encoding="utf-8")
