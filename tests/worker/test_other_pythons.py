"""Steps are counted alike by every Python that this machine has, not by this one alone."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("counted.py")
MINORS = (11, 12, 13, 14)


def pythons(minor: int) -> list[str]:
    """Interpreters that may be there; a name on the PATH is no proof."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    found = [sys.executable, shutil.which(f"python3.{minor}")]
    found += map(str, sorted(pyenv.glob(f"3.{minor}.*/bin/python")))
    return [one for one in found if one is not None]


def counted(python: str, minor: int) -> dict[str, object] | None:
    """What the script says under this interpreter, None if it is not the wanted version."""
    version = "import sys; print('%d.%d' % sys.version_info[:2])"
    asked = subprocess.run([python, "-c", version], capture_output=True, text=True)
    if asked.stdout.strip() != f"3.{minor}":
        return None
    told = subprocess.run([python, "-IB", SCRIPT], capture_output=True, text=True)
    return dict(json.loads(told.stdout)) if not told.returncode else {"error": told.stderr}


@pytest.mark.parametrize("minor", MINORS)
def test_steps_are_counted_from_the_first_call_on_and_grow_with_the_work(minor: int) -> None:
    told = next(filter(None, (counted(python, minor) for python in pythons(minor))), None)
    if told is None:
        pytest.skip(f"no Python 3.{minor} on this machine")
    assert told.pop("stopped", told) == "TooManySteps at 50"
    assert told.pop("refused") == "refused"
    for name, counts in told.items():
        first, again, twice, thrice = counts  # type: ignore[misc]
        assert first == again, name
        assert twice - first == thrice - twice >= 100, name
