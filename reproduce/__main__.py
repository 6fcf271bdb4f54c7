"""`python -m reproduce`: measures the course's claims, prints them, and draws them."""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from reproduce.memory.measure import measure_memory
from reproduce.options import Options, Report
from reproduce.recorded import recorded_reports
from reproduce.results import body, results_text
from reproduce.scheduling.all import SERVING
from reproduce.scheduling.experiment import run
from workload.trace import WorkloadError

EXPERIMENTS: Mapping[str, Callable[[Options], Report]] = {
    "memory": measure_memory,
    **{name: partial(run, experiment) for name, experiment in SERVING.items()},
}
"""By the name of its files. A further one is a line here, or in `SERVING`."""

HERE = Path(__file__).resolve().parent
USAGE = 2
QUICK = "A quick run: too few requests to fill the memory. These are no results."


def main(argv: Sequence[str]) -> int:
    """Run.

    Returns:
        0 measured, whatever the verdicts; 2 what was asked for cannot be done.
    """
    asked = _parser().parse_args(argv)
    options = Options(asked.quick, asked.real)
    folder: Path = asked.out
    if asked.record and (asked.quick or asked.only):
        print("reproduce: only a full run of everything is recorded", file=sys.stderr)
        return USAGE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if asked.redraw:
            reports = recorded_reports()
        else:
            reports = {name: EXPERIMENTS[name](options) for name in asked.only or EXPERIMENTS}
        print("\n".join(body(reports, pictures=False)))
        files = [file for name, report in reports.items() for file in write(report, folder, name)]
        if asked.record or asked.redraw:
            files += record(reports, files)
    except (WorkloadError, OSError) as error:
        print(f"reproduce: {' '.join(str(error).split())}", file=sys.stderr)
        return USAGE
    if options.quick and not asked.redraw:
        print(f"\n{QUICK}")
    print(f"reproduce: wrote {', '.join(map(str, files))}", file=sys.stderr)
    return 0


def write(report: Report, folder: Path, name: str) -> list[Path]:
    """Write an experiment's data and plots; give the files."""
    data = folder / f"{name}.json"
    data.write_text(report.data, encoding="utf-8")
    return [data, *report.draw(folder, name)]


def record(reports: Mapping[str, Report], files: Sequence[Path]) -> list[Path]:
    """Write RESULTS.md beside this file, and copy what it refers to; give the files."""
    results = HERE / "RESULTS.md"
    results.write_text(results_text(reports), encoding="utf-8")
    kept = [file for file in files if file.suffix in (".json", ".svg")]
    return [results, *(Path(shutil.copy(file, HERE)) for file in kept)]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m reproduce", description="Measure the course's claims with the reference."
    )
    parser.add_argument("--quick", action="store_true", help="few requests, one seed: to try it")
    parser.add_argument(
        "--only", action="append", choices=[*EXPERIMENTS], help="one experiment; may be repeated"
    )
    parser.add_argument("--real", type=Path, help="a folder with the real Azure files: also those")
    parser.add_argument(
        "--out", type=Path, default=Path(".pagedlab/reproduce"), help="(.pagedlab/reproduce)"
    )
    keep = parser.add_mutually_exclusive_group()
    keep.add_argument("--record", action="store_true", help="also keep the results in reproduce/")
    keep.add_argument(
        "--redraw", action="store_true", help="measure nothing: tell and draw what is recorded anew"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
