"""A whole course in miniature, with every kind of file that a release is built from."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.cli import release, starter
from autograder.source.allow_list import plan_release
from autograder.source.hidden import Hidden, collect_hidden

REFERENCE = '''"""Stage 1. A counter."""

from __future__ import annotations

from collections import Counter

from pagedlab.errors import Empty


class Pile:
    """Counts things."""

    def put(self, thing: str) -> int:
        """Add one thing."""
        # BEGIN SOLUTION
        self._things = getattr(self, "_things", None) or Counter()
        self._things[thing] += 1  # one more
        return self._things.total() - self._removed_so_far()
        # END SOLUTION

    def take(self, thing: str) -> None:
        """Remove one thing."""
        # BEGIN SOLUTION
        if self._things[thing] <= self._removed_so_far():
            raise Empty(f"no {thing} is left in a pile of {self._things.total()}")
        self._things[thing] -= 1
        # END SOLUTION

    # BEGIN SOLUTION
    def _removed_so_far(self) -> int:
        return 0

    # END SOLUTION
'''

STAGE = """modules = ["toy.py"]   # what students write
given = ["__init__.py", "errors.py"]
upstream = []
needs = []
limits = { program_cpu_seconds = 2.0, program_wall_seconds = 10.0, stage_wall_seconds = 60.0, \
memory_mb = 1024, processes = 8, file_mb = 16 }
gates = { quality = 0.4 }
groups = { A = "Piles" }

[invariants]
I1 = "what was put is there"
I2 = "nothing comes of nothing"

[[rules]]
id = "1.1"
axis = "correctness"
group = "A"
weight = 3
title = "What was put can be taken"
invariants = ["I1"]

[[rules]]
id = "1.2"
axis = "correctness"
group = "A"
weight = 5
title = "Ten thousand mixed operations agree with the oracle"

[[rules]]
id = "1.3"
axis = "correctness"
group = "A"
weight = 2
title = "Nothing comes of nothing"

[[rules]]
id = "1.P1"
axis = "performance"
group = "P"
weight = 1
title = "Taking costs the same in any pile"
case = "take"
requires = ["1.1", "1.2"]

[[rules]]
id = "1.Q1"
axis = "quality"
group = "Q"
weight = 2
title = "Formatted"
check = "format"

[[rules]]
id = "1.Q2"
axis = "quality"
group = "Q"
weight = 7
title = "Your own tests"
check = "student_tests"
"""

ORACLE = '''"""The obvious model."""

from stage1.state import State


def expected(state: State, thing: str) -> bool:
    piled = sum(1 for other in state.history if other == thing)
    wanted = [position for position, other in enumerate(state.history)]
    return piled == len(wanted)
'''

RELEASE = """copy = ["Makefile", "requirements.txt", "rubric.md", "assignments/course.toml",
    "autograder/*.py", "autograder/source/given.py"]
[stage]
copy = ["README.md", "stage.toml", "driver.py", "public/*.py"]
if_present = ["hints.toml", "api.toml"]
if_imported = ["state.py", "generate.py"]
[moved]
"assignments/student_readme.md" = "README.md"
[requirements]
leave_out = ["hypothesis"]
"""

STAGE_FOLDER = "assignments/1_toy"
FILES = {
    "Makefile": "grade:\n\tpython -m autograder grade .\n",
    "instructor.mk": "release:\n\tpython -m autograder release\n",
    "requirements.txt": "# Direct\npytest==1.0  # runs\nhypothesis==2.0  # ours alone\n",
    "rubric.md": "# Rubric\n",
    "CONTRIBUTING.md": "How to add a chaff.\n",
    "reference/pagedlab/__init__.py": '"""Given."""\n',
    "reference/pagedlab/errors.py": 'class Empty(Exception):\n    """Nothing is left."""\n',
    "reference/pagedlab/toy.py": REFERENCE,
    "assignments/course.toml": (
        'title = "Toy"\nversion = "1"\n[axes]\ncorrectness = 4\nperformance = 1\nquality = 1\n'
        'documentation = 0\n[[stages]]\nid = 1\nname = "Toy"\nfolder = "1_toy"\n'
        "cells = { correctness = 4, performance = 1, quality = 1, documentation = 0 }\n"
    ),
    "assignments/student_readme.md": "# Toy\n\nSee [the handout](assignments/1_toy/README.md).\n",
    f"{STAGE_FOLDER}/README.md": "# Handout\n\nNothing comes of nothing.\n",
    f"{STAGE_FOLDER}/stage.toml": STAGE,
    f"{STAGE_FOLDER}/hints.toml": '["1.1"]\nhints = ["Look."]\n["1.2"]\nhints = ["Secret."]\n',
    f"{STAGE_FOLDER}/driver.py": "from stage1.state import State\n\nSTATE = State\n",
    f"{STAGE_FOLDER}/state.py": "class State:\n    history: list[str]\n",
    f"{STAGE_FOLDER}/generate.py": "SEED = 1\n",
    f"{STAGE_FOLDER}/oracle.py": ORACLE,
    f"{STAGE_FOLDER}/chaffs.toml": (
        '[[chaffs]]\nsays = "Takes what nobody ever put in, for it forgets."\n'
    ),
    f"{STAGE_FOLDER}/wheats/list/toy.py": (
        "class Pile:\n    everything_that_was_ever_put: list[str] = []\n"
    ),
    f"{STAGE_FOLDER}/starter/tests/test_toy.py": "from pagedlab.toy import Pile\n",
    f"{STAGE_FOLDER}/starter/design.toml": "[stage1]\nclaim = 0\n",
    f"{STAGE_FOLDER}/public/test_public.py": (
        '@rule("1.1")\ndef test_take(judge): ...\n@rule("1.P1")\ndef test_cost(judge): ...\n'
    ),
    f"{STAGE_FOLDER}/hidden/test_hidden.py": (
        "# pagedlab-canary-0123456789abcdef\n"
        '@rule("1.2")\ndef test_all(judge):\n'
        "    judge.compare(Oracle(), random_operations(seed=4711, count=10_000))\n"
        '@rule("1.3")\ndef test_nothing(judge): ...\n'
    ),
    "examples/submissions/half/pagedlab/errors.py": (
        'class Empty(Exception):\n    """Nothing is left."""\n'
    ),
    "examples/submissions/half/pagedlab/toy.py": (
        "class Pile:\n    most_things_that_anybody_could_ever_want = 10\n"
    ),
    "autograder/__init__.py": '"""Grader."""\n',
    "autograder/source/given.py": "SHIPPED = 1\n",
    "autograder/source/strip.py": "MARKER = 1\n",
    "autograder/source/release.toml": RELEASE,
    "tests/test_grader.py": "def test_nothing() -> None: ...\n",
}


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """Root of a repository from which a release can be built; its starter is up to date."""
    root = tmp_path / "course"
    for path, text in FILES.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert starter.main([], root) == 0
    return root


@pytest.fixture
def out(course: Path) -> Path:
    """A release of it."""
    place = course.parent / "students"
    assert release.main([str(place)], course) == 0
    return place


@pytest.fixture
def hidden(course: Path) -> Hidden:
    """What must not leak from it."""
    return collect_hidden(course, plan_release(course))
