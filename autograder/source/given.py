"""Where the pristine copies of the given files are. Students get this module; keep it alone."""

from __future__ import annotations

from pathlib import Path

SHIPPED = Path("assignments", "given")
"""In a release, relative to its root. The course's own repository has them in `reference/`."""


def given_dir(root: Path) -> Path:
    """The folder with the given files (`given` in stage.toml), under their names in `pagedlab/`.

    Args:
        root: of this repository, or of a release.

    Raises:
        FileNotFoundError: `root` is neither.
    """
    for folder in (root / SHIPPED, root / "reference" / "pagedlab"):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"{root}: no given files: neither {SHIPPED} nor reference/pagedlab")
