"""The zip for Gradescope and `otter run`. The same commit gives the same bytes, on any machine.

Entries are sorted, stored without compression (deflate's output depends on the library), of one
time and two modes. In a git checkout, what is in it follows from the files that git tracks, never
from what lies around.
"""

from __future__ import annotations

import hashlib
import json
import stat
import subprocess
import tomllib
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.publish.call import Setting
from autograder.source.student_copy import student_requirements

NAME = "pagedlab-autograder.zip"
PINS = "requirements.txt"
PLUGIN = "autograder.publish.plugin.PagedLab"
TIME = (1980, 1, 1, 0, 0, 0)
EXECUTABLE = ("run_autograder", "setup.sh")
CACHES = ("__pycache__", ".mypy_cache", ".ruff_cache")
SEED_BITS = 31


class BundleError(Exception):
    """The zip cannot be built from this repository. One line: what, where, what to do."""


@dataclass(frozen=True)
class Bundle:
    """A zip that was written.

    Attributes:
        changed: files in it that differ from the commit.
    """

    file: Path
    sha256: str
    entries: int
    setting: Setting
    changed: tuple[str, ...]


def write_bundle(root: Path, out: Path, setting: Setting | None = None) -> Bundle:
    """Build the zip in the folder `out`, replacing an earlier one.

    Args:
        root: of this repository.
        out: gets the zip; made if it is not there.
        setting: how to grade; its seed is taken from the zip's content if it is 0, so that
            nobody knows it who does not know the hidden tests.

    Raises:
        BundleError: a listed file is missing or a link, or git fails.
    """
    listed = tomllib.loads((root / "autograder" / "publish" / "bundle.toml").read_text("utf-8"))
    entries = _entries(root, listed)
    setting = setting or Setting(0)
    if not setting.seed:
        setting = replace(setting, seed=_seed(entries))
    entries["otter_config.json"] = _config(setting)
    file = out / NAME
    out.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(".part")
    _write(part, entries)
    part.replace(file)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    return Bundle(file, digest, len(entries), setting, _changed(root, listed["engine"]))


def _entries(root: Path, listed: Mapping[str, object]) -> dict[str, bytes]:
    engine, files = listed["engine"], listed["files"]
    assert isinstance(engine, list) and isinstance(files, dict)
    entries = {f"engine/{name}": _content(root, name) for name in _names(root, engine)}
    entries |= {target: _content(root, name) for target, name in files.items()}
    release = tomllib.loads(_content(root, "autograder/source/release.toml").decode())
    pins = _content(root, PINS).decode()
    wanted = student_requirements(pins, release["requirements"]["leave_out"])
    return {**entries, "engine/requirements.txt": wanted.encode()}


def _names(root: Path, folders: list[str]) -> list[str]:
    """The files of some folders that belong to the repository."""
    if (root / ".git").exists():
        return [n for n in _git(root, "ls-files", "-z", "--", *folders).split("\0") if n]
    found = (file for folder in folders for file in (root / folder).rglob("*"))
    names = [file.relative_to(root) for file in found if file.is_file()]
    return [n.as_posix() for n in names if not any(part in n.parts for part in CACHES)]


def _changed(root: Path, folders: list[str]) -> tuple[str, ...]:
    if not (root / ".git").exists():
        return ("no git checkout: nobody can tell",)
    status = _git(root, "status", "--porcelain", "--", *folders, PINS)
    return tuple(status.splitlines())


def _content(root: Path, name: str) -> bytes:
    file = root / name
    if file.is_symlink() or not file.is_file():
        raise BundleError(f"{name}: git knows it, but it is no plain file; restore it")
    return file.read_bytes()


def _seed(entries: Mapping[str, bytes]) -> int:
    digest = hashlib.sha256()
    for name, content in sorted(entries.items()):
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return int(digest.hexdigest()[:16], 16) >> (64 - SEED_BITS)


def _config(setting: Setting) -> bytes:
    config = {
        "plugins": [{PLUGIN: setting.to_json()}],
        "logo": False,
        "print_score": False,
        "show_stdout": False,
    }
    return (json.dumps(config, indent=1) + "\n").encode()


def _write(file: Path, entries: Mapping[str, bytes]) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, content in sorted(entries.items()):
            info = zipfile.ZipInfo(name, TIME)
            info.create_system = 3
            mode = 0o755 if name in EXECUTABLE else 0o644
            info.external_attr = (stat.S_IFREG | mode) << 16
            archive.writestr(info, content)


def _git(root: Path, *arguments: str) -> str:
    try:
        ended = subprocess.run(
            ["git", "-C", str(root), *arguments], capture_output=True, text=True, check=True
        )
    except FileNotFoundError:
        raise BundleError("git is missing: install it") from None
    except subprocess.CalledProcessError as error:
        said = error.stderr.strip().splitlines()
        raise BundleError(f"{root}: {said[0] if said else 'git failed'}") from None
    return ended.stdout
