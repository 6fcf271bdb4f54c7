"""Hidden. What simulated queues showed, to hold predictions against.

Simulated by tests/stages/memory_tracking/simulation.py, where a test does it again: 200,000
requests one at a time, 60,000 and (at load 0.85) 180,000 in batches, seeds as there. Tolerances:
the mean wait of so many requests at a load of 0.8 has a standard deviation of 2.6 to 3.5 %, so
that 10 % is far from chance and far from M/M/1, which is 30 % and more off; the product form was
within 2.1 % in all but one of 24 simulations, so that 5 % is granted.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Queue:
    """One request at a time: the mean wait was `seconds`."""

    rate: float
    services: tuple[float, ...]
    seconds: float
    tolerance: float = 0.10


@dataclass(frozen=True)
class Batch:
    """Continuous batching with outputs after a law: the mean time in the system was `seconds`."""

    law: str
    rate: float
    output: float
    batch: int | None
    seconds: float
    tolerance: float = 0.05
    fixed: float = 0.0197
    each: float = 0.0006


FCFS = (
    Queue(0.4, (1.0, 1.0, 1.0, 2.0), 0.696688),
    Queue(0.64, (1.0, 1.0, 1.0, 2.0), 2.69327),
    Queue(0.8, (0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 4.0), 1.31547),
    Queue(1.28, (0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 4.0), 5.22377),
)
SHARED = (
    Batch("constant", 4.166667, 200.0, None, 8.09823),
    Batch("constant", 7.083333, 200.0, None, 27.3771),
    Batch("constant", 2.056555, 200.0, 32, 5.3917),
    Batch("constant", 3.496144, 200.0, 32, 7.14616),
    Batch("geometric", 4.160592, 200.292, None, 8.12434),
    Batch("geometric", 7.094543, 199.684, None, 27.387),
    Batch("geometric", 2.053557, 200.292, 32, 5.40537),
    Batch("geometric", 3.501677, 199.684, 32, 7.30641),
    Batch("lognormal", 4.18277, 199.23, None, 8.06665),
    Batch("lognormal", 7.096391, 199.632, None, 27.1953),
    Batch("lognormal", 2.064504, 199.23, 32, 5.37378),
    Batch("lognormal", 3.502589, 199.632, 32, 7.39213),
)
