"""`similar`: pairs of submissions that are alike beyond what was given. Pseudonyms; no verdict."""

from __future__ import annotations

import argparse
from pathlib import Path

from autograder.batch.dashboard.page import pseudonyms
from autograder.batch.run.folder import RunFolder, replace_text
from autograder.batch.run.state import read_rows
from autograder.batch.run.suite import course_root
from autograder.batch.scores.tables import text_of
from autograder.batch.similarity.fingerprints import Fingerprints, fingerprints
from autograder.batch.similarity.pairs import Pair, alike
from autograder.cli.exits import Exit, refuse
from autograder.cli.grades import UNUSABLE
from autograder.cli.root import ROOT

SHOWN = 20


def main(argv: list[str]) -> int:
    """Write similar.csv, and show the first pairs."""
    parser = argparse.ArgumentParser(prog="autograder similar", description=__doc__)
    parser.add_argument("run", type=Path, nargs="?", default=Path("run"), help="a run's folder")
    parser.add_argument("--least", type=float, default=0.3, help="share from which on to list")
    args = parser.parse_args(argv)
    folder = RunFolder(args.run)
    try:
        settings = folder.settings()
        rows = read_rows(folder)
    except UNUSABLE as error:
        return refuse(Exit.USAGE, str(error))
    names = pseudonyms([row.key for row in rows], settings.seed if settings else 0)
    known: dict[str, Fingerprints] = {}
    owners: dict[str, str] = {}
    for row in rows:
        entry = row.entry
        # A group's members share one submission, which is not like itself.
        if entry and entry.content and entry.key not in owners:
            owners[entry.key] = names[row.key]
            known[names[row.key]] = fingerprints(folder.store / entry.content / "pagedlab")
    given = set(fingerprints(course_root(folder, ROOT) / "starter" / "pagedlab"))
    pairs = alike(known, given, args.least)
    replace_text(args.run / "similar.csv", text_of(_lines(pairs)))
    lines = [["pseudonym", "student"], *sorted([name, key] for key, name in names.items())]
    replace_text(args.run / "pseudonyms.csv", text_of(lines))
    print(f"{len(pairs)} pairs of {len(known)} submissions share {args.least:.0%} or more")
    for pair in pairs[:SHOWN]:
        where = ", ".join(f"{one} = {other}" for one, other in pair.places)
        print(f"  {pair.share:4.0%}  {pair.one} and {pair.other}   {where}")
    print(f"{args.run / 'similar.csv'}; {args.run / 'pseudonyms.csv'} says who is who")
    return int(Exit.DONE)


def _lines(pairs: list[Pair]) -> list[list[str]]:
    lines = [["one", "other", "share", "places"]]
    for pair in pairs:
        where = "; ".join(f"{one} = {other}" for one, other in pair.places)
        lines.append([pair.one, pair.other, f"{pair.share:.3f}", where])
    return lines
