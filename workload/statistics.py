"""What a trace is like, in numbers: lengths, arrivals, shared prefixes."""

from __future__ import annotations

import numpy as np

from workload.lengths import mean_scores
from workload.prefix import sharing
from workload.trace import Floats, Ints, Trace

WINDOWS = (1, 10, 60)
"""Seconds over which counts are compared."""


def ks_distance(one: Floats | Ints, other: Floats | Ints) -> float:
    """Give the greatest distance between two samples' distribution functions (0 to 1)."""
    values = np.concatenate([one, other])
    below_one = np.searchsorted(np.sort(one), values, side="right") / len(one)
    below_other = np.searchsorted(np.sort(other), values, side="right") / len(other)
    return float(np.abs(below_one - below_other).max())


def counts(arrivals: Floats, window: float) -> Ints:
    """Give the number of arrivals in each whole window from the first arrival on."""
    since = arrivals - arrivals[0]
    whole = int(since[-1] // window)
    return np.bincount((since // window).astype(np.int64), minlength=whole)[:whole]


def dispersion(arrivals: Floats, window: float) -> float:
    """Give variance / mean of the counts: 1 for a Poisson process of one rate, 0 if too short."""
    number = counts(arrivals, window)
    return float(number.var() / number.mean()) if number.any() else 0.0


def gap_cv(arrivals: Floats) -> float:
    """Give the coefficient of variation of the gaps between arrivals: 1 for a Poisson process."""
    gaps = np.diff(arrivals)
    return float(gaps.std() / gaps.mean())


def busiest_share(arrivals: Floats, part: float = 0.05) -> float:
    """Give the share of requests that arrive in the busiest `part` of all seconds."""
    number = np.sort(counts(arrivals, 1))[::-1]
    return float(number[: max(1, round(len(number) * part))].sum() / len(arrivals))


def describe(trace: Trace, beyond: int = 0) -> dict[str, float]:
    """Give all statistics of a trace, by name.

    Args:
        trace: of at least two requests.
        beyond: leading blocks that unrelated requests share, such as a system prompt.

    Returns:
        Rates a second, lengths in tokens, ratios; those of prefixes only if the trace has blocks.
        A drift is the spread of five-minute means, in standard deviations of the lengths' scores.
    """
    arrivals = trace.arrivals
    figures = {"rate": (len(trace) - 1) / float(arrivals[-1] - arrivals[0])}
    figures["gap_cv"] = gap_cv(arrivals)
    for window in WINDOWS:
        figures[f"dispersion_{window}s"] = dispersion(arrivals, window)
    figures["busiest_5%"] = busiest_share(arrivals)
    minutes = counts(arrivals, 60)
    figures["empty_minutes"] = float((minutes == 0).sum() / max(1, len(minutes)))
    for name, lengths in (("prompt", trace.prompt_tokens), ("output", trace.output_tokens)):
        figures[f"{name}_mean"] = float(lengths.mean())
        for percent in (50, 90, 99):
            figures[f"{name}_p{percent}"] = float(np.percentile(lengths, percent))
        figures[f"{name}_drift"] = float(np.std(mean_scores(arrivals, lengths)))
    return {**figures, **(sharing(trace, beyond) if trace.blocks else {})}
