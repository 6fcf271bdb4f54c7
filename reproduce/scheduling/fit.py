"""Fits step = a + b * tokens + c * KV tokens to published measurements.

    python -m reproduce.scheduling.fit perf_model.csv

The file is `data/perf_model.csv` of github.com/Mutinifni/splitwise-sim (Patel et al., Splitwise,
ISCA 2024; MIT): milliseconds of prompts and of tokens, by number and length of requests.
"""

from __future__ import annotations

import csv
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np

MODEL, DEVICES = "llama2-70b", "8"
MOST_TOKENS = 4096
"""Larger prompts are left out: no step of ours computes as many tokens."""


@dataclass(frozen=True)
class Measured:
    """One kind of step: tokens computed, KV tokens read, and seconds."""

    tokens: float
    kv_tokens: float
    seconds: float


@dataclass(frozen=True)
class Fitted:
    """The three constants in seconds, and the mean and the greatest error of a step as shares."""

    fixed: float
    per_token: float
    per_kv_token: float
    error: float
    largest_error: float


def steps(rows: Iterable[Mapping[str, str]], hardware: str) -> list[Measured]:
    """Give the steps of one kind of hardware: a prompt step and a token step for each shape."""
    shapes = defaultdict(list)
    for row in rows:
        if (row["model"], row["hardware"], row["tensor_parallel"]) == (MODEL, hardware, DEVICES):
            shape = (int(row["batch_size"]), int(row["prompt_size"]), int(row["token_size"]))
            shapes[shape].append((float(row["prompt_time"]), float(row["token_time"])))
    found = []
    for (batch, prompt, output), times in sorted(shapes.items()):
        prompt_seconds, token_seconds = (median(each) / 1000 for each in zip(*times, strict=True))
        if batch * prompt <= MOST_TOKENS:
            found.append(Measured(batch * prompt, batch * prompt, prompt_seconds))
        found.append(Measured(batch, batch * (prompt + output / 2), token_seconds))
    return found


def fit(measured: Sequence[Measured]) -> Fitted:
    """Find the constants with the least squares of relative errors."""
    seconds = np.array([one.seconds for one in measured])
    parts = np.array([[1.0, one.tokens, one.kv_tokens] for one in measured])
    found = np.linalg.lstsq(parts / seconds[:, None], np.ones(len(seconds)), rcond=None)[0]
    errors = np.abs(parts @ found / seconds - 1)
    fixed, per_token, per_kv_token = found.tolist()
    return Fitted(fixed, per_token, per_kv_token, float(errors.mean()), float(errors.max()))


def main(file: Path) -> None:
    """Print what comes out for both kinds of hardware."""
    with file.open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    for hardware in ("a100-80gb", "h100-80gb"):
        found = fit(steps(rows, hardware))
        print(
            f"{hardware} x {DEVICES}: a {1e3 * found.fixed:.1f} ms, "
            f"b {1e3 * found.per_token:.4f} ms, c {1e6 * found.per_kv_token:.3f} us; a step is off "
            f"by {100 * found.error:.0f} % on average, {100 * found.largest_error:.0f} % at most"
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
