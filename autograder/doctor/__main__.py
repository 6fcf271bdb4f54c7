"""`python -m autograder.doctor`."""

from __future__ import annotations

import sys

from autograder.doctor.command import main

sys.exit(main(sys.argv[1:]))
