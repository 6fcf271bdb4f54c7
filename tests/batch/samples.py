"""Downloads built the way each source's own code or documentation says that it builds them."""

from __future__ import annotations

import io
import stat
import tarfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

NO_MODES: Mapping[str, int] = {}
MODULES = frozenset({"ledger.py", "book.py"})
LEDGER = "class Ledger:\n    pass\n"
PROJECT: Mapping[str, str] = {
    "pagedlab/ledger.py": LEDGER,
    "pagedlab/book.py": "PAGES = 3\n",
    "tests/test_ledger.py": "def test(): pass\n",
    "design.toml": "[stage90]\n",
}


def project(mark: str = "") -> dict[str, str]:
    """A submission's files; the mark makes its content its own."""
    return {**PROJECT, "pagedlab/book.py": f"PAGES = 3  # {mark}\n"}


def write(folder: Path, files: Mapping[str, str]) -> Path:
    """Write files below a folder."""
    for name, text in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    return folder


def zipped(
    file: Path, files: Mapping[str, str | bytes], modes: Mapping[str, int] = NO_MODES
) -> Path:
    """A zip of these members; `modes` gives some of them a Unix mode."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = modes.get(name, stat.S_IFREG | 0o644) << 16
            archive.writestr(info, text)
    return file


def tarred(file: Path, files: Mapping[str, str], extra: Sequence[tarfile.TarInfo] = ()) -> Path:
    """A gzipped tar of these members, after some odd ones."""
    with tarfile.open(file, "w:gz") as archive:
        for info in extra:
            archive.addfile(info)
        for name, text in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(text.encode())
            archive.addfile(info, io.BytesIO(text.encode()))
    return file


def gradescope(folder: Path) -> Path:
    """Gradescope's export: as otter read it (`otter/grade/metadata.py` before d9acdedb, 2021)."""
    write(folder / "submission_101", project("101"))
    zipped(folder / "submission_102" / "work.zip", project("102"))
    (folder / "submission_metadata.yml").write_text(GRADESCOPE, encoding="utf-8")
    return folder


GRADESCOPE = """\
---
submission_101:
  :submitters:
  - :name: Ada Lovelace
    :sid: '0555'
    :email: ada@example.edu
  - :name: 'Zoë O''Hara'
    :sid: '556'
    :email: zoe@example.edu
  :created_at: &1 2026-11-01 10:00:00.123 Z
  :score: 44.0
  :status: processed
  :results:
    tests:
    - name: ':submitters: of nothing'
      output: |
        :created_at: 1999-01-01 00:00:00 Z
  :history:
  - :created_at: 2026-10-30 10:00:00.000 Z
    :score: 1.0
submission_102:
  :submitters:
  - :name: "Gra\\xE7a Hopper"
    :sid:
    :email: grace@example.edu
  :created_at: 2026-11-02 10:00:00.000 Z
submission_103:
  :submitters: []
  :created_at: *1
"""


def canvas(folder: Path) -> Path:
    """Canvas's download: names as canvas-lms `lib/content_zipper.rb` makes them."""
    zipped(folder / "lovelaceada_1001_5001_work.zip", project("1001"))
    zipped(folder / "hoppergrace_LATE_1002_5002_my project-2.zip", project("1002"))
    for name, text in project("1003").items():
        file = f"turingalan_1003_{5003 + len(name)}_{name.rpartition('/')[2]}"
        write(folder, {file: text})
    write(folder, {"doejane_1004_link.html": "<a href=…>", "roejohn_1005_text.html": "hello"})
    zipped(folder / "LATE_anon_Ab1Cd_5009_work.zip", project("anon"))
    return folder


def moodle(folder: Path) -> Path:
    """Moodle's download, with folders and, for one student, without (`mod/assign/locallib.php`)."""
    zipped(folder / "Ada Lovelace_201_assignsubmission_file" / "work.zip", project("201"))
    write(folder / "Grace Brewster Hopper_202_assignsubmission_file_", project("202"))
    zipped(folder / "Alan Turing_203_assignsubmission_file_work.zip", project("203"))
    write(folder / "Alan Turing_203_assignsubmission_onlinetext", {"onlinetext.html": "see zip"})
    write(folder / "Jane Doe_204_assignsubmission_onlinetext", {"onlinetext.html": "sorry"})
    return folder


def classroom50(folder: Path) -> Path:
    """Classroom 50's download (foundation50/classroom50 wiki, 2026)."""
    scores = "username,first name,last name,email,section,score\n"
    scores += "ada-l,Ada,Lovelace,ada@example.edu,A,10\nada-l,Ada,Lovelace,ada@example.edu,A,12\n"
    scores += "ghopper,Grace,Hopper,grace@example.edu,B,\n"
    write(folder, {"scores.csv": scores})
    write(folder / "cs-lab-ada-l", project("ada"))
    result = '{"schema": "classroom50/result/v1", "datetime": "2026-11-01T10:00:00+00:00"}'
    write(folder / "cs-lab-ada-l", {"result.json": result})
    write(folder / "cs-lab-stranger", project("stranger"))
    return folder
