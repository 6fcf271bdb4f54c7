"""Fits a model to a real trace: quantiles, rates, shares. No row of the trace is kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from workload.arrivals import Bursts
from workload.fit_sessions import fit_sessions
from workload.lengths import mean_scores
from workload.quantiles import QuantileTable, fit_table
from workload.ranks import normal_scores
from workload.statistics import counts, describe, dispersion
from workload.trace import Floats, Ints, Trace

Content = dict[str, Any]
"""What a file of `tables/` holds."""

SILENCE = 1.0
"""Seconds: a longer gap is a silence between two bursts."""

CALIBRATION_SEEDS = range(8)


def fit(trace: Trace, source: Mapping[str, Any]) -> Content:
    """Fit everything that `workload.model.Model` holds.

    Args:
        trace: real.
        source: its entry in `sources.toml`.

    Returns:
        The content of its file in `tables/`.
    """
    beyond = int(source["beyond"])
    arrivals = trace.arrivals
    content: Content = {"source": source["source"], "licence": source["licence"]}
    content |= {"requests": len(trace), "beyond": beyond}
    content["prompt"] = _lengths(arrivals, trace.prompt_tokens)
    content["output"] = _lengths(arrivals, trace.output_tokens)
    bursts = source["arrivals"] == "bursts"
    content["arrivals"] = fit_bursts(arrivals) if bursts else fit_drifting(arrivals)
    if trace.blocks:
        content["sessions"] = fit_sessions(trace, beyond)
    content["recorded"] = {name: rounded(x) for name, x in describe(trace, beyond).items()}
    return content


def rounded(value: float, digits: int = 4) -> float:
    """Round to significant digits."""
    return float(f"{value:.{digits}g}")


def _lengths(arrivals: Floats, tokens: Ints) -> Content:
    drift = [rounded(score, 2) for score in mean_scores(arrivals, tokens)]
    return {"quantiles": list(fit_table(tokens.astype(np.float64), 1.0).values), "drift": drift}


def fit_drifting(arrivals: Floats) -> Content:
    """Fit a rate for each minute.

    A count is its rate and Poisson noise. The counts are drawn towards their mean by what the noise
    adds to their variance, so that noise drawn anew brings them back to where they were.
    """
    number = counts(arrivals, 60)
    mean, spread = float(number.mean()), dispersion(arrivals, 60)
    shrink = np.sqrt(max(0.0, spread - 1) / spread)
    return {"per_minute": [rounded(mean + shrink * (x - mean)) for x in number.tolist()]}


def fit_bursts(arrivals: Floats) -> Content:
    """Fit bursts, silences and gaps, and how fast and slow stretches follow one another."""
    gaps = np.diff(arrivals)
    silent = np.flatnonzero(gaps > SILENCE)
    sizes = np.diff(np.concatenate([[-1], silent, [len(gaps)]])).astype(np.float64)
    inside = np.delete(gaps, silent)
    content: Content = {
        "sizes": list(fit_table(sizes, 1.0).values),
        "silences": list(fit_table(gaps[silent], SILENCE).values),
        "gaps": list(fit_table(inside, 0.0005).values),
        "mean_size": rounded(float(sizes.mean())),
        "mean_silence": rounded(float(gaps[silent].mean())),
        "memory": rounded(_memory(normal_scores(inside)), 2),
    }
    content["tempo"] = _tempo(content, arrivals)
    return content


def _memory(scores: Floats) -> float:
    """Give the gaps after which correlation has fallen to 1/e, from lags 10 and 50."""
    near, far = (_correlation(scores, lags) for lags in (range(5, 16), range(45, 56)))
    return 40 / float(np.log(near / far)) if 0 < far < near else 40.0


def _correlation(scores: Floats, lags: range) -> float:
    return float(np.mean([np.mean(scores[lag:] * scores[:-lag]) for lag in lags]))


def _tempo(content: Content, arrivals: Floats) -> float:
    """Give the tempo at which generated bursts disperse over a second as the real ones do."""
    real = dispersion(arrivals, 1)
    fields: Content = {
        key: QuantileTable(tuple(value)) if isinstance(value, list) else value
        for key, value in content.items()
    }

    def miss(tempo: float) -> float:
        process = Bursts(**fields, tempo=tempo)
        drawn = [
            dispersion(process.draw(len(arrivals), np.random.default_rng(seed)), 1)
            for seed in CALIBRATION_SEEDS
        ]
        return abs(float(np.mean(drawn)) - real)

    return min((step / 50 for step in range(26)), key=miss)
