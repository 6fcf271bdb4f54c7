"""One `otter run`, and what otter holds of it afterwards as JSON on stdout. Needs otter.

.venv-otter/bin/python -m autograder.publish.run_with_otter ZIP SUBMISSION OUT
"""

from __future__ import annotations

import io
import json
import sys
from contextlib import redirect_stdout
from typing import Any

from otter.run import main as otter_run
from otter.test_files import GradingResults


def main(argv: list[str]) -> int:
    """Run otter, leaving its results.json in OUT."""
    autograder, submission, out = argv
    with redirect_stdout(io.StringIO()):
        results = otter_run(submission, autograder=autograder, output_dir=out, no_logo=True)
    print(json.dumps(summary(results)))
    return 0


def summary(results: GradingResults) -> dict[str, Any]:
    """What otter itself knows of each rule, without what our plugin added."""
    return {
        "total": results.total,
        "possible": results.possible,
        "rules": {
            name: {
                "points": file.score,
                "possible": file.possible,
                "hidden": any(case.hidden for case in file.test_cases),
                "passed": file.passed_all,
            }
            for name, file in results.results.items()
        },
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
