"""Grades the submission in /autograder with otter; named as in the zips of `otter generate`."""

import sys
from pathlib import Path

source = Path(__file__).resolve().parent
sys.path.insert(0, str(source / "engine"))  # otter imports the plugin from here

from autograder.publish.container import main  # noqa: E402  needs the line above

if __name__ == "__main__":
    sys.exit(main(source.parent))
