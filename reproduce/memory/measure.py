"""The experiment on memory from end to end."""

from __future__ import annotations

from functools import partial

from reproduce.backlogs import real
from reproduce.memory.claims import memory_claims
from reproduce.memory.experiment import (
    FULL,
    QUICK,
    backlogs_of,
    by_block_size,
    by_length,
    main_runs,
)
from reproduce.memory.plot import draw
from reproduce.memory.report import TITLE, render
from reproduce.memory.results import Results, to_json
from reproduce.options import Options, Report


def measure_memory(options: Options) -> Report:
    """Run the experiment; a quick run leaves out what varies one thing, and real traces.

    Raises:
        WorkloadError: real traces were asked for, and there are none or they cannot be read.
    """
    size = QUICK if options.quick else FULL
    found = dict(real(options.real, size.requests, len(size.seeds))) if options.real else {}
    results = Results(size.requests, size.seeds, tuple(main_runs(backlogs_of(size), options.tell)))
    if not options.quick:
        results = Results(
            results.requests,
            results.seeds,
            results.main,
            tuple(by_length(size, options.tell)),
            tuple(by_block_size(size, options.tell)),
            tuple(main_runs(found, options.tell)),
        )
    return report(results)


def report(results: Results) -> Report:
    """Give the report of what was measured."""
    claims = tuple(memory_claims(results.main))
    lines = tuple(render(results))
    return Report(TITLE, lines, to_json(results), partial(draw, results.main), claims)
