"""The leak scan: a clean release has none, and each kind that is planted is named and located."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from autograder.source.hidden import Hidden
from autograder.source.leaks import scan
from autograder.source.release import build_release


def found(out: Path, hidden: Hidden) -> list[str]:
    """The leaks of the files, those of the git history left out."""
    return [str(leak) for leak in scan(out, hidden) if leak.path != ".git"]


def plant(out: Path, text: str, path: str = "README.md") -> None:
    (out / path).write_text("# A title\n" + text, encoding="utf-8")


def test_a_clean_release_has_no_leak(out: Path, hidden: Hidden) -> None:
    assert scan(out, hidden) == []


SOLUTION = "solution of Pile.put (reference/pagedlab/toy.py:15)"


@pytest.mark.parametrize(
    "text",
    [
        # Two lines of it, with other blanks, comments and gaps
        "if ready:\n"
        '      self._things=getattr( self, "_things",None ) or Counter() # made\n\n'
        "      # and then\n\tself._things[thing]+=1\n",
        # One line that is unmistakable
        "return self._things.total() - self._removed_so_far()\n",
    ],
)
def test_a_piece_of_a_solution_is_found(out: Path, hidden: Hidden, text: str) -> None:
    plant(out, text, "pagedlab/toy.py")
    (leak,) = found(out, hidden)
    assert leak.startswith("pagedlab/toy.py:") and leak.endswith(SOLUTION)


def test_a_line_of_a_solution_is_found_in_any_kind_of_file(out: Path, hidden: Hidden) -> None:
    raises = 'raise Empty(f"no {thing} is left in a pile of {self._things.total()}")'
    plant(out, f"\n\n    {raises}\n", "notes.md")
    assert found(out, hidden) == [
        "notes.md:4: solution of Pile.take (reference/pagedlab/toy.py:23)"
    ]


def test_what_the_starter_shows_is_no_secret(course: Path, out: Path, hidden: Hidden) -> None:
    starter = (course / "starter" / "pagedlab" / "toy.py").read_text(encoding="utf-8")
    plant(out, starter, "handout.md")
    assert found(out, hidden) == []


@pytest.mark.parametrize(
    ("path", "what"),
    [
        ("reference/pagedlab/toy.py", "the whole of reference/pagedlab/toy.py"),
        ("assignments/1_toy/oracle.py", "assignments/1_toy/oracle.py"),
        ("assignments/1_toy/chaffs.toml", "assignments/1_toy/chaffs.toml"),
        ("assignments/1_toy/hidden/test_hidden.py", "assignments/1_toy/hidden/test_hidden.py"),
        ("assignments/1_toy/wheats/list/toy.py", "assignments/1_toy/wheats/list/toy.py"),
        ("assignments/1_toy/generate.py", "assignments/1_toy/generate.py"),
        ("examples/submissions/half/pagedlab/toy.py", "examples/submissions/half/pagedlab/toy.py"),
    ],
)
def test_a_whole_hidden_file_is_found_under_another_name(
    course: Path, out: Path, hidden: Hidden, path: str, what: str
) -> None:
    (out / "pagedlab" / "notes.py").write_bytes((course / path).read_bytes())
    assert f"pagedlab/notes.py:1: {what}" in found(out, hidden)


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("wanted=[position for position,other in enumerate(state.history)]", "oracle.py"),
        (
            "judge.compare(Oracle(), random_operations(seed=4711, count=10_000))",
            "hidden/test_hidden.py",
        ),
        ('says = "Takes what nobody ever put in, for it forgets."', "chaffs.toml"),
        ("everything_that_was_ever_put:list[str]=[]", "wheats/list/toy.py"),
    ],
)
def test_one_distinctive_line_of_a_hidden_file_is_found(
    out: Path, hidden: Hidden, line: str, what: str
) -> None:
    plant(out, f"\n    {line}\n", "assignments/1_toy/driver.py")
    assert found(out, hidden) == [f"assignments/1_toy/driver.py:3: assignments/1_toy/{what}"]


def test_a_longer_copy_is_found_even_where_the_course_itself_has_it(course: Path) -> None:
    lines = "".join(
        f"    answer_{n} = compute_the_answer_to_question(number={n})\n" for n in range(4)
    )
    driver, oracle = (course / "assignments" / "1_toy" / f"{x}.py" for x in ("driver", "oracle"))
    oracle.write_text("def f():\n" + lines)
    driver.write_text("def g():\n" + lines)
    leaks = build_release(course, course.parent / "new")
    assert list(map(str, leaks)) == ["assignments/1_toy/driver.py:2: assignments/1_toy/oracle.py"]
    driver.write_text("def g():\n" + lines.replace("answer_2", "another"))
    assert build_release(course, course.parent / "new") == []


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("ten   thousand mixed\noperations AGREE with the oracle", "title of the hidden rule 1.2"),
        ('requires = ["1.2"]', "id of the hidden rule 1.2"),
        ("| 1.3 | a rule |", "id of the hidden rule 1.3"),
        ("Try `make check R=1.3` now", "id of the hidden rule 1.3"),
        ("see rule 1.3.", "id of the hidden rule 1.3"),
        ("pagedlab-canary-0123456789abcdef", "the canary of a hidden file: pagedlab-canary-"),
        ("    # BEGIN SOLUTION", "a marker of the stripper: BEGIN SOLUTION"),
        ("# End solution", "a marker of the stripper: End solution"),
    ],
)
def test_a_trace_of_what_is_hidden_is_found(
    out: Path, hidden: Hidden, text: str, what: str
) -> None:
    plant(out, text)
    (leak,) = found(out, hidden)
    assert leak.startswith(f"README.md:2: {what}")


@pytest.mark.parametrize(
    "text",
    ["version 1.2 of it", "weight = 1.3", "torch==1.2", "rule 1.1", '"1.20"', "rule 1.25"],
)
def test_numbers_and_public_rules_are_no_leak(out: Path, hidden: Hidden, text: str) -> None:
    plant(out, text)
    assert found(out, hidden) == []


@pytest.mark.parametrize(
    ("path", "what"),
    [
        ("pagedlab/__pycache__/toy.cpython-311.pyc", "bytecode"),
        ("pagedlab/toy.pyc", "bytecode"),
        ("pagedlab/toy.py~", "an editor's backup file"),
        ("pagedlab/.toy.py.swp", "an editor's backup file"),
        ("tests/#toy.py#", "an editor's backup file"),
        ("pagedlab/toy.py.orig", "an editor's backup file"),
        ("dist/pagedlab.whl", "a packed file"),
        ("assignments/1_toy/hidden/notes", "a name that only hidden files and folders have"),
        ("assignments/1_toy/oracle.py", "a name that only hidden files and folders have"),
        ("reference/pagedlab/x.py", "a name that only hidden files and folders have"),
        ("lessons/.git/HEAD", "a git repository in the release"),
    ],
)
def test_a_file_of_a_forbidden_kind_is_found_by_its_name(
    out: Path, hidden: Hidden, path: str, what: str
) -> None:
    (out / path).parent.mkdir(parents=True, exist_ok=True)
    (out / path).write_bytes(b"x\n")
    leaks = found(out, hidden)
    assert leaks and all(leak.endswith(f": {what}") for leak in leaks)


def test_a_link_is_found(out: Path, hidden: Hidden) -> None:
    (out / "pagedlab" / "solution.py").symlink_to("/etc/hostname")
    assert found(out, hidden) == ["pagedlab/solution.py: a symbolic link"]


def test_a_path_of_the_building_machine_is_found(course: Path, out: Path, hidden: Hidden) -> None:
    plant(out, f"built in {course}/starter", "rubric.md")
    with (out / ".git" / "config").open("a") as config:
        config.write(f"# from {Path.home()}/keys\n")
    assert found(out, hidden) == [
        f".git/config:{config_lines(out)}: a path of the building machine: {Path.home()}/",
        f"rubric.md:2: a path of the building machine: {course}/",
    ]


def config_lines(out: Path) -> int:
    return len((out / ".git" / "config").read_text().splitlines())


def test_a_hidden_title_that_an_invariant_says_is_no_secret(hidden: Hidden) -> None:
    assert hidden.rules["1.2"] and hidden.rules["1.3"] == ""


def test_a_submission_of_the_examples_may_hold_the_given_files(hidden: Hidden) -> None:
    assert not [origin for origin in hidden.texts.files.values() if origin.endswith("errors.py")]


def test_a_scan_without_secrets_still_knows_the_forbidden_kinds(out: Path, hidden: Hidden) -> None:
    plant(out, "END SOLUTION")
    (out / "x.pyc").write_bytes(b"")
    blind = replace(hidden, rules={}, canaries=(), places=())
    assert found(out, blind) == [
        "README.md:2: a marker of the stripper: END SOLUTION",
        "x.pyc: bytecode",
    ]
