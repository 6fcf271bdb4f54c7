"""Compares the installed packages with the pins, file by file.

An install that was killed half-way leaves packages that import partly, or not at all. pip trusts
them; this module does not. It imports nothing of PagedLab, so that the set-up can run it by path.
"""

from __future__ import annotations

import csv
import re
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, distributions
from pathlib import Path

_PIN = re.compile(r"(?P<name>[\w.-]+)==(?P<version>[^\s;#]+)\s*(?:;(?P<marker>[^#]*))?(?:#.*)?")
_PLATFORM = re.compile(r'sys_platform == "(\w+)"')


@dataclass(frozen=True)
class Pin:
    """One line of requirements.txt that counts on this machine: a name and an exact version."""

    name: str
    version: str

    @property
    def key(self) -> str:
        """The name in the one spelling that pip compares by."""
        return normalised(self.name)

    def __str__(self) -> str:
        return f"{self.name}=={self.version}"


def normalised(name: str) -> str:
    """Returns the one spelling of a package name, whatever its case, dots and underscores."""
    return re.sub(r"[-_.]+", "-", name).lower()


def read_pins(requirements: str, platform: str = sys.platform) -> list[Pin]:
    """Returns the pins of a requirements text that apply to `platform`, in its order.

    Raises:
        ValueError: a line is neither a comment nor an exact pin with at most a platform marker.
    """
    pins = []
    for line in requirements.splitlines():
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        found = _PIN.fullmatch(text)
        marker = (found["marker"] or "").strip() if found else ""
        only_on = _PLATFORM.fullmatch(marker)
        if found is None or (marker and only_on is None):
            raise ValueError(f"requirements.txt: not an exact pin: {text!r}")
        if only_on is None or only_on[1] == platform:
            pins.append(Pin(found["name"], found["version"]))
    return pins


def satisfies(installed: str, pinned: str) -> bool:
    """Says whether a version meets an exact pin; a build label (2.13.0+cpu) is no difference."""
    return installed == pinned or installed.partition("+")[0] == pinned


def is_whole(package: Distribution) -> bool:
    """Says whether every file that the package's own list names is there in its full size."""
    # Distribution.files leaves out missing files from Python 3.12 on, so the list is read here.
    record = package.read_text("RECORD")
    if not record:
        return False
    for row in csv.reader(record.splitlines()):
        if len(row) != 3:
            return False
        path, _, size = row
        try:
            if size and Path(str(package.locate_file(path))).stat().st_size != int(size):
                return False
        except OSError:
            return False
    return True


def packages_in(site: Path) -> dict[str, Distribution]:
    """Returns the packages of a site folder that say their own name, by that name."""
    found = {}
    for package in distributions(path=[str(site)]):
        # Cut-short metadata has no name; "~" marks what pip had set aside when it was stopped.
        name = re.search(r"^Name: *(\w\S*)", package.read_text("METADATA") or "", re.MULTILINE)
        if name is not None:
            found[normalised(name[1])] = package
    return found


def to_install(pins: list[Pin], site: Path) -> Iterator[Pin]:
    """Yields what to install (again): pins not met in `site`, then damaged packages."""
    present = packages_in(site)
    for pin in pins:
        package = present.pop(pin.key, None)
        if package is None or not satisfies(package.version, pin.version) or not is_whole(package):
            yield pin
    for name, package in sorted(present.items()):
        # A package installed in place is the user's own business.
        if package.read_text("direct_url.json") is None and not is_whole(package):
            yield Pin(name, package.version)


def main(argv: list[str]) -> int:
    """Prints what the running environment lacks of the given requirements file, one pin a line."""
    pins = read_pins(Path(argv[0]).read_text(encoding="utf-8"))
    for pin in to_install(pins, Path(sysconfig.get_path("purelib"))):
        print(pin)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
