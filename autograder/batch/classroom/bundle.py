"""Build what GitHub needs to grade: a bundle for Classroom 50, and a plain Actions workflow.

The bundle holds the students' tree, so nothing hidden is in it: Classroom 50 serves bundles from a
public site (foundation50/classroom50, `runner.py`, `bundle_url`), and takes 10 MiB at most.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import re
import shutil
import tarfile
import tempfile
from collections.abc import Sequence
from pathlib import Path
from string import Template

from autograder.rubric.load import load_course
from autograder.rubric.model import Course
from autograder.scoring.score import score_run
from autograder.source.release import build_release

HERE = Path(__file__).parent
MOST_BYTES = 10 << 20
LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
SLUG = re.compile(r"[a-z0-9][a-z0-9-]{1,38}")
"""What Classroom 50 takes for a runner's label and for an assignment (`autograde-runner.yaml`)."""


class BundleError(Exception):
    """The files cannot be built. Says why."""


def build_bundle(
    root: Path, out: Path, assignment: str, runs_on: Sequence[str], stages: Sequence[int] = ()
) -> Path:
    """Write everything into a new folder; give the folder of the bundle.

    Args:
        root: of this repository.
        out: a folder that is not there yet, or empty.
        assignment: its short name on Classroom 50.
        runs_on: labels of the runner.
        stages: to be graded; empty for all of them.

    Raises:
        BundleError: names that Classroom 50 refuses, a place that is taken, or a leak.
        ReleaseError, StripError: the students' tree cannot be built.
    """
    if not SLUG.fullmatch(assignment):
        raise BundleError(f"{assignment!r} is no assignment's name: a-z, 0-9 and hyphens")
    if not runs_on or len(runs_on) > 10 or not all(map(LABEL.fullmatch, runs_on)):
        raise BundleError(f"{', '.join(runs_on)!r} are no labels of a runner")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise BundleError(f"{out}: not empty: name another place")
    with tempfile.TemporaryDirectory(prefix="pagedlab-") as scratch:
        tree = Path(scratch) / "tree"
        leaks = build_release(root, tree, git=False)
        if leaks:
            raise BundleError(f"the students' tree would leak: {leaks[0]}")
        course = load_course(tree / "assignments")
        archive, most = packed(tree), visible_hundredths(course, stages)
    if len(archive) > MOST_BYTES:
        raise BundleError(f"the bundle has {len(archive)} bytes; Classroom 50 takes {MOST_BYTES}")
    bundle = out / assignment
    bundle.mkdir(parents=True)
    shutil.copyfile(HERE / "autograder.py", bundle / "autograder.py")
    (bundle / "suite.tar.gz").write_bytes(archive)
    digest = hashlib.sha256(archive).hexdigest()
    about = {"suite": course.version, "sha256": digest, "stages": list(stages), "most": most}
    _json(bundle / "suite.json", about)
    _json(out / "runtime.json", {"runs-on": runs_on[0] if len(runs_on) == 1 else list(runs_on)})
    workflow = out / "workflow" / ".github" / "workflows" / "pagedlab.yml"
    workflow.parent.mkdir(parents=True)
    shutil.copyfile(HERE / "grade.yml", workflow)
    guide = Template((HERE / "guide.md").read_text(encoding="utf-8"))
    text = guide.substitute(suite=course.version, assignment=assignment, most=most)
    (out / "README.md").write_text(text, encoding="utf-8")
    return bundle


def packed(tree: Path) -> bytes:
    """The tree as a tar.gz that is the same to the byte for the same files."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as tar:
        for file in sorted(one for one in tree.rglob("*") if one.is_file()):
            info = tarfile.TarInfo(file.relative_to(tree).as_posix())
            info.size, info.mode = file.stat().st_size, 0o644
            with file.open("rb") as content:
                tar.addfile(info, content)
    return gzip.compress(plain.getvalue(), mtime=0)


def visible_hundredths(course: Course, stages: Sequence[int]) -> int:
    """What the rules of a students' rubric can give, in hundredths of a point.

    Raises:
        BundleError: there is no such stage.
    """
    known = tuple(stage.id for stage in course.stages)
    for number in stages:
        if number not in known:
            raise BundleError(f"there is no stage {number}")
    scores = score_run(course, tuple(stages) or known, ())
    return int(sum(stage.visible for stage in scores) * 100)


def _json(file: Path, data: object) -> None:
    file.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
