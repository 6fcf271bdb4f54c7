"""Builds the students' repository: plan, write, commit, scan, and only then put in place."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from autograder.source.allow_list import Entry, ReleaseError, plan_release
from autograder.source.hidden import collect_hidden
from autograder.source.leaks import Leak, scan
from autograder.source.orphan import commit_all, is_untouched
from autograder.source.starter import build_starter, drift

MANIFEST = "autograder/release.sha256"
"""Every other file of a release and its hash, as `sha256sum --check` reads it."""


class OutError(Exception):
    """The place for the release cannot be used. One line: why, what to do."""


def build_release(root: Path, out: Path, force: bool = False, git: bool = True) -> list[Leak]:
    """Build a release and put it in place, unless something leaks.

    Args:
        root: of this repository.
        out: a folder that is not there yet or empty.
        force: `out` may hold an earlier release as it was built; it is replaced. Nothing that a
            release did not write is ever removed.
        git: make a repository with one commit of it.

    Returns:
        What leaked; if anything did, `out` is as it was.

    Raises:
        OutError: `out` cannot be used.
        ReleaseError: the release cannot be built from this repository.
        StripError: the reference cannot be stripped.
        GitError: git is missing or failed.
    """
    out = out.resolve()
    earlier = _earlier_release(out, force)
    stale = list(drift(build_starter(root), root / "starter"))
    if stale:
        raise ReleaseError(f"{stale[0]}; run `make starter` first")
    release = plan_release(root)
    hidden = collect_hidden(root, release)
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".release-", dir=out.parent) as scratch:
        tree = Path(scratch, "tree")
        _write(release, tree)
        if git:
            commit_all(tree, "PagedLab")
        leaks = scan(tree, replace(hidden, places=(*hidden.places, scratch, str(out))))
        if not leaks:
            _remove(out, earlier)
            tree.rename(out)
    return leaks


def _write(release: Mapping[str, Entry], tree: Path) -> None:
    contents = {path: entry.content for path, entry in release.items()}
    sums = [
        f"{sha256(content).hexdigest()}  {path}\n" for path, content in sorted(contents.items())
    ]
    for path, content in {**contents, MANIFEST: "".join(sums).encode()}.items():
        file = tree / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        file.chmod(0o644)


def _earlier_release(out: Path, force: bool) -> list[Path]:
    """Give the files of the release that stands in `out`, after making sure that all are its own.

    Raises:
        OutError: `out` holds something else, or `force` is not given.
    """
    if not out.exists():
        return []
    if not out.is_dir():
        raise OutError(f"{out}: not a folder: name another place")
    present = [f for f in out.rglob("*") if f.relative_to(out).parts[0] != ".git"]
    has_git = (out / ".git").exists()
    if not present and not has_git:
        return []
    if not force:
        raise OutError(f"{out}: not empty: name another place, or replace a release with --force")
    manifest = out / MANIFEST
    if manifest not in present:
        raise OutError(f"{out}: holds no earlier release: name another place")
    own = {MANIFEST: _digest(manifest)}
    for line in manifest.read_text(encoding="utf-8").splitlines():
        digest, _, path = line.partition("  ")
        own[path] = digest
    files = [each for each in present if each.is_symlink() or not each.is_dir()]
    folders = {parent for file in files for parent in file.parents}
    for each in sorted(present):
        path = each.relative_to(out).as_posix()
        if each not in folders and (each.is_symlink() or own.get(path) != _digest(each)):
            raise OutError(f"{each}: not as a release wrote it: move it away, then try again")
    if has_git and not is_untouched(out):
        raise OutError(f"{out / '.git'}: has more than a release committed: name another place")
    return files


def _digest(file: Path) -> str:
    return sha256(file.read_bytes()).hexdigest() if file.is_file() else ""


def _remove(out: Path, earlier: list[Path]) -> None:
    """Remove an earlier release and the folders that it leaves empty; other folders stay."""
    for file in earlier:
        file.unlink()
    if (out / ".git").exists():
        shutil.rmtree(out / ".git")
    for folder in sorted({parent for file in earlier for parent in file.parents}, reverse=True):
        if folder.is_relative_to(out) and not any(folder.iterdir()):
            folder.rmdir()
    if out.exists() and not any(out.iterdir()):
        out.rmdir()
