"""What each verb of `python -m workload` does. Results go to stdout, progress to stderr."""

from __future__ import annotations

import argparse
import sys
import tomllib
from datetime import date
from pathlib import Path

import numpy as np

from workload.check import SOURCES, compare, find_real, table
from workload.fit import fit
from workload.generate import generate
from workload.model import TABLES, load_model
from workload.named import NAMED, named
from workload.reading import read_trace
from workload.statistics import describe
from workload.toml_text import toml_text
from workload.trace import WorkloadError
from workload.writing import write_trace

KEPT = Path(".pagedlab/traces")
FITTED = "# Fitted by `python -m workload fit FOLDER`; not written by hand.\n"


def list_workloads(_: argparse.Namespace) -> int:
    """Print every workload, what it is and what it is made from."""
    for name, build in NAMED.items():
        print(f"{name}\n  {(build.__doc__ or '').splitlines()[0]}\n  from: {build().source}")
    return 0


def write(options: argparse.Namespace) -> int:
    """Generate a trace and write it."""
    trace = generate(named(options.name), options.requests, options.seed, options.rate)
    out: Path = options.out or KEPT / f"{options.name}.csv"
    if not options.out:
        KEPT.mkdir(parents=True, exist_ok=True)
    write_trace(trace, out)
    print(f"{out}: {len(trace)} requests, {trace.arrivals[-1]:.0f} s", file=sys.stderr)
    return 0


def show(options: argparse.Namespace) -> int:
    """Print the statistics of one file."""
    for name, value in describe(read_trace(options.file)).items():
        print(f"{name:<18}{value:>12.4g}")
    return 0


def check(options: argparse.Namespace) -> int:
    """Compare with all real files of a folder; 1 if anything is out of its band."""
    seeds = range(max(1, options.seeds))
    lines = []
    out_of_band = 0
    for name, file in _found(options.folder):
        model = load_model(name)
        real = read_trace(file)
        rows = compare(model, real, seeds)
        out_of_band += sum(not row.holds for row in rows)
        lines += ["", f"## {name}", "", f"{file.name}, {len(real)} requests. {model.source}."]
        lines += [f"Licence of the trace: {model.licence}.", "", *table(rows, seeds)]
    verdict = f"{out_of_band} statistics are out of their bands" if out_of_band else "All hold"
    text = "\n".join([*lines, "", f"{verdict}."])
    print(text)
    if options.record:
        _record(options.record, text, len(seeds))
    return 1 if out_of_band else 0


def _record(file: Path, text: str, seeds: int) -> None:
    command = f"python -m workload check FOLDER --seeds {seeds} --record workload/{file.name}"
    head = f"""# The generator against real traces

Written on {date.today()} by `{command}`
(numpy {np.__version__}); not by hand. A band of `bands.toml` holds if every seed is in it.
[README.md](README.md) says what the statistics are.
"""
    file.write_text(f"{head}{text}\n", encoding="utf-8")


def fit_tables(options: argparse.Namespace) -> int:
    """Write the tables of all real files of a folder."""
    sources = tomllib.loads(SOURCES.read_text(encoding="utf-8"))
    for name, file in _found(options.folder):
        target = TABLES / f"{name}.toml"
        content = toml_text(fit(read_trace(file), sources[name]))
        target.write_text(FITTED + content, encoding="utf-8")
        print(f"{target}: fitted to {file}", file=sys.stderr)
    return 0


def _found(folder: Path) -> list[tuple[str, Path]]:
    """Give the known traces of a folder.

    Raises:
        WorkloadError: there are none.
    """
    found = list(find_real(folder))
    if not found:
        raise WorkloadError(
            f"{folder}: none of the traces that {SOURCES.name} names; it says where each comes from"
        )
    return found
