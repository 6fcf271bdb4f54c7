"""A tiny stage 90 (a ledger), submissions to it, and workers that run without isolation."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from autograder.judge.local import LocalSession
from autograder.judge.run_rules import run_rules
from autograder.judge.session import Session
from autograder.judge.staging import Staged, stage_files
from autograder.rubric.model import Axis, Rule, Stage, StageLimits
from autograder.scoring.outcome import Outcome

HERE = Path(__file__).parent
STAGE_ID = 90
LIMITS = StageLimits(
    program_cpu_seconds=0.5,
    program_wall_seconds=5.0,
    stage_wall_seconds=60.0,
    memory_mb=256,
    processes=8,
    file_mb=1,
)
INVARIANTS = {
    "L1": "the total is the sum of what was put",
    "L2": "put gives the amount back",
    "L3": "misuse raises the named error",
}

LEDGER = '''
class Ledger:
    def __init__(self):
        self._amounts = []

    def put(self, amount):
        """
        >>> Ledger().put(3)
        [3]
        """
        if amount < 0:
            raise ValueError(amount)
        self._amounts.append(amount)
        return [amount]

    def drop(self, amount):
        self._amounts.remove(amount)

    def total(self):
        return sum(self._amounts)
'''
STUB = """
class Ledger:
    def __init__(self):
        raise NotImplementedError("Ledger.__init__ is not written yet")
"""
HEAD = """
from autograder.judge.rules import rule
from stage90.language import drop, new, put, total
"""
RULES = HEAD + """
@rule("90.1")
def test_sum(judge):
    judge.check(new(), put("a", 3), put("b", 4), drop("a[0]"), total())

@rule("90.2")
def test_misuse(judge):
    judge.check(new(), put("a", -1), total())

@rule("90.3")
def test_book(judge):
    pass
"""


def rule_of(rule_id: str, axis: Axis = Axis.CORRECTNESS, **fields: object) -> Rule:
    """One rule of the tiny stage."""
    plain = Rule(rule_id, STAGE_ID, axis, "A", f"Title of {rule_id}", 1, True)
    return replace(plain, **fields)  # type: ignore[arg-type]


DEFAULT_RULES = (
    rule_of("90.1", invariants=("L1", "L2"), module="ledger"),
    rule_of("90.2", invariants=("L3",), module="ledger"),
    rule_of("90.3", module="book"),
)


def make_stage(folder: Path, rules: tuple[Rule, ...] = DEFAULT_RULES, tests: str = RULES) -> Stage:
    """The ledger's stage in a folder of its own, with its tests."""
    if not folder.exists():
        shutil.copytree(HERE / "ledger", folder, ignore=shutil.ignore_patterns("__pycache__"))
        (folder / "public").mkdir()
    (folder / "public" / "test_rules.py").write_text(tests, encoding="utf-8")
    return Stage(
        id=STAGE_ID,
        name="Ledger",
        folder=folder,
        cells={axis: 4 for axis in Axis},
        modules=("book.py", "ledger.py"),
        given=("__init__.py",),
        upstream=(),
        needs=(),
        limits=LIMITS,
        gates={},
        groups={"A": "All"},
        invariants=INVARIANTS,
        rules=rules,
        anchors={},
        hidden_weight={},
    )


def make_submission(folder: Path, ledger: str = LEDGER, book: str = "PAGES = 3\n") -> Path:
    """A submission to the tiny stage."""
    package = folder / "pagedlab"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("", encoding="utf-8")
    (package / "ledger.py").write_text(ledger, encoding="utf-8")
    (package / "book.py").write_text(book, encoding="utf-8")
    return folder


def stage_it(stage: Stage, submission: Path, into: Path) -> Staged:
    """Lay a submission out; `__init__.py` is given."""
    given = into / "given"
    given.mkdir(parents=True)
    (given / "__init__.py").write_text("", encoding="utf-8")
    return stage_files(stage, submission, given, into / "staged")


def local_session(stage: Stage, submission: Path, seed: int = 1) -> LocalSession:
    """A session that runs the submission in this process."""
    into = Path(tempfile.mkdtemp(dir=submission))
    return LocalSession(stage, stage_it(stage, submission, into), submission, seed)


def outcomes_of(session: Session, *wanted: str) -> Mapping[str, Outcome]:
    """Run the rules; outcomes by rule, in the order in which they fell."""
    found: dict[str, Outcome] = {}

    def record(outcome: Outcome) -> None:
        assert outcome.rule not in found, "one outcome for each rule"
        found[outcome.rule] = outcome

    run_rules(session, wanted or [rule.id for rule in session.stage.rules], record)
    return found


@contextmanager
def open_folder() -> Iterator[Path]:
    """A folder that a worker's user can reach."""
    with tempfile.TemporaryDirectory(prefix="pagedlab-test-", dir="/tmp") as name:
        Path(name).chmod(0o755)
        yield Path(name)
