"""A stand-in for `python3.x`: enough of it for the set-up, with every call written down.

Run as a script; what it plays is in the file `fake.json` beside it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main(argv: list[str]) -> int:
    role = json.loads((HERE / "fake.json").read_text())
    state = Path(role["state"])
    with (state / "calls").open("a") as calls:
        calls.write(" ".join(argv) + "\n")
    if "-c" in argv:
        code = argv[argv.index("-c") + 1]
        if "ensurepip" in code:
            return 0 if role["has_venv"] else 1
        sys.version_info = tuple(role["version"])  # type: ignore[assignment]
        exec(code)
    elif argv[:2] == ["-m", "venv"]:
        from shutil import copytree  # a dear import, and most calls do without

        target = Path(argv[-1]) / "bin"
        copytree(HERE, target, dirs_exist_ok=True)
    elif argv[:3] == ["-m", "pip", "install"]:
        return 1 if (state / "pip-fails").exists() else 0
    elif argv[-2:] == ["autograder/doctor/installed.py", "requirements.txt"]:
        damaged = state / "damaged"
        if damaged.exists():
            print(damaged.read_text())
            if not (state / "stays-damaged").exists():
                damaged.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
