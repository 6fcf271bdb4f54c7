"""The make targets of a class pass on what they are given. No verb is run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.doctor.test_makefile import make, tree

assert tree is not None, "a fixture"


def test_a_class_is_graded_with_what_is_named(tree: Path) -> None:  # noqa: F811
    words = make(
        tree, "batch", "SUBMISSIONS=a b", "ROSTER=r.csv", "OUT=o", "S=1 2", "SEED=7", "COURSE=c"
    )
    assert words.splitlines() == (
        ["batch", "a b", "--out", "o", "--roster", "r.csv"]
        + ["--stage", "1", "--stage", "2", "--seed", "7", "--course", "c"]
    )


def test_the_generated_class_needs_no_names(tree: Path) -> None:  # noqa: F811
    assert make(tree, "class").split() == ["students", "class"]
    (tree / "class" / "submissions").mkdir(parents=True)
    for name in ("roster.csv", "policy.toml"):
        (tree / "class" / name).write_text("")
    words = make(tree, "batch").split()
    assert words == (
        ["batch", "class/submissions", "--out", "run", "--roster", "class/roster.csv"]
        + ["--policy", "class/policy.toml"]
    )
    assert make(tree, "batch", "RESUME=1").split() == ["batch", "--out", "run", "--resume"]
    assert make(tree, "batch", "RESUME=1", "CLUSTER=slurm").split()[-2:] == ["--cluster", "slurm"]
    other = make(tree, "batch", "SUBMISSIONS=mine").split()
    assert other == ["batch", "mine", "--out", "run"], "another class has another roster"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["grades"], "grades run"),
        (["grades", "DIR=r"], "grades r"),
        (["compare", "DIR=r", "WITH=q"], "compare r q"),
        (["leaderboard", "DIR=r"], "leaderboard r"),
        (
            ["classroom", "OUT=o", "S=1 2", "RUNS_ON=self-hosted,gpu"],
            "classroom o --stage 1 --stage 2 --runs-on self-hosted,gpu",
        ),
        (["export", "AS=junit"], "export junit run"),
        (
            ["export", "AS=canvas", "TEMPLATE=t.csv", "COLUMN=12", "OUT=o.csv"],
            "export canvas run --template t.csv --column 12 --out o.csv",
        ),
    ],
)
def test_the_other_verbs_get_what_is_named(
    arguments: list[str], words: str, tree: Path
) -> None:  # noqa: F811
    assert make(tree, *arguments).split() == words.split()
