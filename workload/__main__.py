"""`python -m workload VERB …`: find the verb and hand over."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from workload import verbs
from workload.named import NAMED
from workload.trace import WorkloadError

USAGE = 2


def main(argv: Sequence[str]) -> int:
    """Run one verb.

    Returns:
        0 done; 1 a generated trace is out of its band; 2 what was asked for cannot be done.
    """
    options = _parser().parse_args(argv)
    try:
        return int(options.run(options))
    except WorkloadError as error:
        print(f"workload: {' '.join(str(error).split())}", file=sys.stderr)
        return USAGE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m workload", description="Generate traces of requests, and check them."
    )
    commands = parser.add_subparsers(metavar="VERB", required=True)

    listed = commands.add_parser("list", help="name the workloads, and what each is made from")
    listed.set_defaults(run=verbs.list_workloads)

    make = commands.add_parser("generate", help="write a generated trace to a file")
    make.add_argument("name", metavar="NAME", help=", ".join(NAMED))
    kept = "FILE.csv (Azure) or .jsonl (Mooncake); .pagedlab/traces/NAME.csv if not given"
    make.add_argument("--out", type=Path, help=kept)
    make.add_argument("--requests", type=int, help="how many (as in the real trace)")
    make.add_argument("--seed", type=_seed, default=0, help="(0)")
    make.add_argument("--rate", type=float, default=1.0, help="times the real rate (1)")
    make.set_defaults(run=verbs.write)

    show = commands.add_parser("describe", help="print the statistics of a trace file")
    show.add_argument("file", metavar="FILE", type=Path, help=".csv or .jsonl, also with .gz")
    show.set_defaults(run=verbs.show)

    check = commands.add_parser("check", help="compare generated traces with real files")
    check.add_argument("folder", metavar="FOLDER", type=Path, help="where real files lie")
    check.add_argument("--seeds", type=int, default=5, help="how many (5)")
    check.add_argument("--record", type=Path, help="also write the result to this file")
    check.set_defaults(run=verbs.check)

    fit = commands.add_parser("fit", help="fit the tables anew to real files")
    fit.add_argument("folder", metavar="FOLDER", type=Path, help="where real files lie")
    fit.set_defaults(run=verbs.fit_tables)
    return parser


def _seed(text: str) -> int:
    seed = int(text)
    if seed < 0:
        raise argparse.ArgumentTypeError("a seed is not negative")
    return seed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
