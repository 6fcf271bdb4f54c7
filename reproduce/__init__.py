"""The course's headline claims, measured with the reference on workloads like real ones.

`README.md` beside this file says how, and what of it is a model and not a measurement.
"""

from __future__ import annotations

import sys
from pathlib import Path

# What is measured is the reference's own memory: `pagedlab` in `reference/`.
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "reference"))
