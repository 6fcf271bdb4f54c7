"""The class of the comparison: every submission to the toy exercise, by name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

TOY = Path(__file__).parent / "toy"
FILE = Path("pagedlab", "slots.py")
REFERENCE = (TOY / "reference" / FILE).read_text(encoding="utf-8")
STUB = (TOY / "starter" / FILE).read_text(encoding="utf-8")
POP = "[self._free.pop() for _ in range(count)]"
CHECK = "        if len(set(slots)) < len(slots) or not self._held.issuperset(slots):\n"
EDITS = {
    "wrong_takes_fewer": ("if count > len(self._free):", "if False:"),
    "wrong_takes_then_raises": (
        "if count > len(self._free):",
        "if count and not self._free.pop():",
    ),
    "wrong_double_give": (CHECK + "            raise ValueError(slots)\n", ""),
    "wrong_same_twice": ("len(set(slots)) < len(slots) or ", ""),
    "wrong_count": ("return len(self._free)", "return len(self._free) + 1"),
    "wrong_hands_out_again": (POP, "self._free[:count]"),
    "wrong_gives_nothing_back": ("        self._free.extend(slots)\n", ""),
    "wrong_size": ("list(range(size))", "list(range(1, size))"),
    "raises_at_import": ("class Slots:", "1 / 0\n\n\nclass Slots:"),
    "raises_no_python": ("class Slots:", "class Slots of blocks:"),
    "raises_no_module": ("class Slots:", "import slotlib\n\n\nclass Slots:"),
    "raises_in_take": (POP, "[self._free.get() for _ in range(count)]"),
    "raises_without_end": ("return len(self._free)", "return self.free()"),
}
ILL = {
    "hangs_in_take": (POP, "[self._free.pop() for _ in iter(int, 1)]"),
    "hangs_at_import": ("class Slots:", "while True:\n    pass\n\n\nclass Slots:"),
    "ends_the_process": ("return len(self._free)", "__import__('os')._exit(0)"),
    "calls_exit": ("return len(self._free)", "raise SystemExit(0)"),
    "equals_everything": ("return len(self._free)", "return Yes()"),
}
YES = """

class Yes:
    def __eq__(self, other: object) -> bool:
        return True
"""
RIGHT = 26


@dataclass(frozen=True)
class Submission:
    """One student's file."""

    name: str
    text: str


def well_behaved() -> list[Submission]:
    """Right, wrong, raising and not begun: every grader can come to its end with them."""
    texts = {f"right_{number:02}": REFERENCE for number in range(RIGHT)}
    texts |= {name: _edited(name, edit) for name, edit in EDITS.items()}
    texts["stub"] = STUB
    return [_own(name, text) for name, text in texts.items()]


def ill_behaved() -> list[Submission]:
    """Those that hang, end the process that they run in, or tell the grader what it likes."""
    texts = {name: _edited(name, edit) for name, edit in ILL.items()}
    texts["hangs_in_take"] = texts["hangs_in_take"].replace("self._free.pop()", "0")
    texts["equals_everything"] += YES
    return [_own(name, text) for name, text in texts.items()]


def _edited(name: str, edit: tuple[str, str]) -> str:
    find, replace = edit
    assert REFERENCE.count(find) == 1, f"{name}: {find!r} does not stand once in the reference"
    return REFERENCE.replace(find, replace)


def _own(name: str, text: str) -> Submission:
    """No two are the same to the byte: no grader gets away with less work."""
    return Submission(name, f"{text}\n\n# handed in by {name}\n")
