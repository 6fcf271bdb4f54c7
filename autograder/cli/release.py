"""`python -m autograder release OUT`: build the students' repository."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from autograder.source.allow_list import ReleaseError
from autograder.source.orphan import GitError
from autograder.source.regions import StripError
from autograder.source.release import OutError, build_release

ROOT = Path(__file__).resolve().parents[2]


def main(argv: list[str], root: Path = ROOT) -> int:
    """Run the verb.

    Args:
        argv: arguments after the verb.
        root: of this repository.

    Returns:
        0 built; 1 something hidden would leak, and nothing was written; 2 OUT cannot be used;
        3 the release cannot be built from this repository.
    """
    parser = argparse.ArgumentParser(
        prog="python -m autograder release",
        description="Build the students' repository from autograder/source/release.toml.",
    )
    parser.add_argument("out", metavar="OUT", type=Path, help="a folder, new or empty")
    parser.add_argument(
        "--force", action="store_true", help="OUT may hold an earlier release; replace it"
    )
    parser.add_argument("--no-git", action="store_true", help="make no git repository of it")
    options = parser.parse_args(argv)
    try:
        leaks = build_release(root, options.out, options.force, git=not options.no_git)
    except OutError as error:
        print(f"release: {error}", file=sys.stderr)
        return 2
    except (ReleaseError, StripError, GitError, OSError) as error:
        print(f"release: {error}", file=sys.stderr)
        return 3
    for leak in leaks:
        print(leak)
    if leaks:
        print("release: nothing was written, for what is listed would leak", file=sys.stderr)
        return 1
    print(f"{options.out}: the students' repository; nothing hidden in it", file=sys.stderr)
    return 0
