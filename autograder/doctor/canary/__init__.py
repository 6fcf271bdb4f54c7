"""Programs known to be right, run in child processes.

When one fails, the toolchain is at fault. Each prints one JSON line for a step it has finished.
"""

from __future__ import annotations

import json


def report(step: str, **facts: object) -> None:
    """Prints that `step` is done, with what was learnt, at once (a crash may follow)."""
    print(json.dumps({"step": step, **facts}), flush=True)
