"""When the last commit of a clone was made, without believing anything in the clone."""

from __future__ import annotations

import re
import subprocess
import tempfile
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
MOST_BYTES, SECONDS = 1 << 20, 10


def commit_time(clone: Path) -> str:
    """The committer's date of HEAD, ISO 8601; "" if this is no clone or it cannot be told.

    Git reads a repository's own configuration, which can name programs to run. So the objects are
    read from an empty repository of ours that borrows them.
    """
    inside = clone / ".git"
    if inside.is_symlink() or not (inside / "objects").is_dir():
        return ""
    commit = _head(inside)
    if not commit:
        return ""
    try:
        with tempfile.TemporaryDirectory() as folder:
            _git("init", "--quiet", "--bare", folder)
            borrowed = Path(folder, "objects", "info", "alternates")
            borrowed.write_text(f"{(inside / 'objects').resolve()}\n", encoding="utf-8")
            text = _git("--git-dir", folder, "cat-file", "commit", commit)
    except (OSError, subprocess.SubprocessError):
        return ""
    match = re.search(r"^committer .*> (\d{1,12}) ([+-])(\d\d)(\d\d)$", text, re.MULTILINE)
    if not match:
        return ""
    offset = timedelta(hours=int(match[3]), minutes=int(match[4]))
    try:
        zone = timezone(offset if match[2] == "+" else -offset) if offset else UTC
        return datetime.fromtimestamp(int(match[1]), zone).isoformat()
    except (ValueError, OverflowError):
        return ""


def _head(inside: Path) -> str:
    head = _line(inside / "HEAD")
    if head.startswith("ref: refs/") and ".." not in head:
        name = head.removeprefix("ref: ")
        head = _line(inside / name)
        if not head:
            packed = _text(inside / "packed-refs").splitlines()
            head = next((line.split(" ")[0] for line in packed if line.endswith(f" {name}")), "")
    return head if COMMIT.fullmatch(head) else ""


def _line(file: Path) -> str:
    return _text(file).partition("\n")[0].strip()


def _text(file: Path) -> str:
    try:
        if file.is_symlink() or file.stat().st_size > MOST_BYTES:
            return ""
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _git(*arguments: str) -> str:
    environment = {"PATH": "/usr/bin:/bin:/usr/local/bin", "GIT_CONFIG_NOSYSTEM": "1", "HOME": "/"}
    ended = subprocess.run(
        ["git", *arguments], capture_output=True, check=True, timeout=SECONDS, env=environment
    )
    return ended.stdout[:MOST_BYTES].decode("utf-8", "replace")
