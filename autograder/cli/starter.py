"""`python -m autograder starter`: generate starter/ from the reference, or check that it is so."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from autograder.source.regions import StripError
from autograder.source.starter import build_starter, drift

ROOT = Path(__file__).resolve().parents[2]


def main(argv: list[str], root: Path = ROOT) -> int:
    """Run the verb.

    Args:
        argv: arguments after the verb.
        root: of this repository.

    Returns:
        0 done, or nothing has drifted; 1 something has; 3 the reference cannot be stripped.
    """
    parser = argparse.ArgumentParser(
        prog="python -m autograder starter",
        description="Generate starter/ from reference/ and assignments/*/starter/.",
    )
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit 1 if starter/ is not up to date"
    )
    options = parser.parse_args(argv)
    try:
        files = build_starter(root)
    except (StripError, OSError) as error:
        print(f"starter: {error}", file=sys.stderr)
        return 3
    folder = root / "starter"
    if not options.check:
        write(files, folder)
    left = list(drift(files, folder))
    for line in left:
        print(line)
    if left and options.check:
        print("run `make starter` and commit what it writes", file=sys.stderr)
    elif not left:
        print(f"starter/ is up to date: {len(files)} files", file=sys.stderr)
    return 1 if left else 0


def write(files: dict[str, str], folder: Path) -> None:
    """Write those files that differ; leave every other file of the folder alone."""
    for path, text in files.items():
        file = folder / path
        if not file.is_file() or file.read_bytes() != text.encode():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(text.encode())
