"""Grade one class with every grader, and write down what it took.

python -m benchmarks.batch [--out FILE] [--keep DIR] [--without nbgrader …]
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from benchmarks.batch.document import Measured, document
from benchmarks.batch.graders import Grader
from benchmarks.batch.graders.nbgrader import Nbgrader, NbgraderEach
from benchmarks.batch.graders.otter import OtterApi, OtterRun
from benchmarks.batch.graders.pagedlab import CODE, PagedLab
from benchmarks.batch.measure import adopt_orphans, run
from benchmarks.batch.submissions import FILE, Submission, ill_behaved, well_behaved

GRADERS: Mapping[str, Callable[[], Grader]] = {
    "pagedlab": PagedLab,
    "otter": OtterRun,
    "otter-api": OtterApi,
    "nbgrader": Nbgrader,
    "nbgrader-each": NbgraderEach,
}
SAMPLED = {"otter-api", "nbgrader-each"}
"""Slow in all, and the second way of a grader: they get each fifth of the submissions that end."""


def main(argv: list[str]) -> int:
    """Measure, write the document, and print it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.batch", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("RESULTS.md"))
    parser.add_argument("--keep", type=Path, help="environments stay here for the next time")
    parser.add_argument("--without", action="append", default=[], choices=GRADERS)
    args = parser.parse_args(argv)
    adopt_orphans()
    with tempfile.TemporaryDirectory(prefix="bench-batch-") as scratch:
        place = (args.keep or Path(scratch)).resolve()
        place.mkdir(parents=True, exist_ok=True)
        Path(scratch).chmod(0o755)  # what is graded must be readable to the workers' user
        well, ill = well_behaved(), ill_behaved()
        own, answers = _plain(well, Path(scratch))
        own /= len(well)
        measured = []
        for name, make in GRADERS.items():
            if name not in args.without:
                measured.append(_measure(name, make(), place, Path(scratch), well, ill))
    text = document(measured, own, answers)
    args.out.write_text(text, encoding="utf-8")
    print(text)
    print(f"written to {args.out}", file=sys.stderr)
    return 0


def _measure(
    name: str,
    grader: Grader,
    place: Path,
    scratch: Path,
    well: list[Submission],
    ill: list[Submission],
) -> Measured:
    """Have one grader grade both classes."""
    grader.prepare(place)
    folders = [scratch / name / part for part in ("well", "ill")]
    for folder in folders:
        folder.mkdir(parents=True)
    well = well[::5] if name in SAMPLED else well
    print(f"{grader.title}: {len(well)} submissions that end", file=sys.stderr)
    first = grader.grade(well, folders[0])
    if name in SAMPLED:
        return Measured(grader.title, len(well), first, None)
    print(f"{grader.title}: {len(ill)} that do not play fair", file=sys.stderr)
    return Measured(grader.title, len(well), first, grader.grade(ill, folders[1]))


def _plain(well: list[Submission], scratch: Path) -> tuple[float, dict[str, frozenset[str]]]:
    """What the tests themselves cost in all, and which rules each submission passes."""
    files = []
    for one in well:
        file = scratch / "plain" / one.name / FILE
        file.parent.mkdir(parents=True)
        file.write_text(one.text, encoding="utf-8")
        files.append(file)
    said = run([sys.executable, "-m", "benchmarks.batch.plain", *files], CODE).said
    told = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    answers = {Path(one["file"]).parts[-3]: frozenset(one["passed"]) for one in told}
    return sum(one["cpu"] for one in told), answers


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
