"""Every experiment on serving, by the name of its files, in the order of the report."""

from __future__ import annotations

from collections.abc import Mapping

from reproduce.scheduling import batching, chunks, costs, paging, preemption, prefixes, queues
from reproduce.scheduling.experiment import Experiment

SERVING: Mapping[str, Experiment] = {
    "batching": batching.EXPERIMENT,
    "paging": paging.EXPERIMENT,
    "preemption": preemption.EXPERIMENT,
    "chunks": chunks.EXPERIMENT,
    "prefixes": prefixes.EXPERIMENT,
    "queues": queues.EXPERIMENT,
    "costs": costs.EXPERIMENT,
}
