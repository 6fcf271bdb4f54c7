"""What all graders of the comparison check: programs of operations, and what each must give.

Needs nothing but Python, so that it can be handed to any grader. `hold` runs a rule's programs on
a class in this process, as otter and nbgrader do; PagedLab's judge has a worker run the same
programs, and asks the same `Model` what is wrong.
"""

from __future__ import annotations

import random

Call = tuple  # the operation's name and its arguments; slots are named "a[0]": first slot of a


def _mixed(seed: int, length: int) -> list[Call]:
    """A program of all operations in random order, some of them wrong."""
    dice = random.Random(seed)
    size = dice.randrange(1, 12)
    program: list[Call] = [("new", size)]
    taken: list[str] = []
    for number in range(length):
        kind = dice.choice(("take", "take", "give", "give", "free"))
        if kind == "take":
            count = dice.randrange(0, 4)
            program.append(("take", f"n{number}", count))
            taken += [f"n{number}[{index}]" for index in range(count)]
        elif kind == "give":
            program.append(("give", *dice.sample(taken, min(len(taken), dice.randrange(0, 3)))))
        else:
            program.append(("free",))
    return program


NEW, FREE = ("new", 4), ("free",)
PROGRAMS: dict[str, list[list[Call]]] = {
    "1.1": [[("new", size), FREE] for size in (0, 1, 4, 1000)],
    "1.2": [
        [NEW, ("take", "a", 3), ("take", "b", 1), FREE],
        [("new", 9), ("take", "a", 2), ("take", "b", 0), ("take", "c", 7), FREE],
        [NEW, ("take", "a", 3), ("give", "a[1]"), ("take", "b", 2), ("take", "c", 0)],
    ],
    "1.3": [
        [NEW, ("take", "a", 5), FREE, ("take", "b", 4)],
        [NEW, ("take", "a", 2), ("take", "b", 3), FREE, ("take", "c", 2)],
    ],
    "1.4": [
        [NEW, ("take", "a", 4), ("give", "a[3]", "a[0]"), FREE, ("take", "b", 2), FREE],
        [("new", 1), *[call for _ in range(9) for call in (("take", "a", 1), ("give", "a[0]"))]],
    ],
    "1.5": [
        [NEW, ("take", "a", 2), ("give", "a[0]"), ("give", "a[0]"), FREE],
        [NEW, ("take", "a", 2), ("give", "a[1]", "a[1]"), FREE],
        [NEW, ("take", "a", 3), ("give", "a[0]"), ("give", "a[1]", "a[0]"), FREE],
    ],
    "1.6": [_mixed(seed, 30) for seed in range(60)],
}
"""By rule, the programs that decide it."""


class Model:
    """What a right pool of slots does. Knows which slot has which name from what was given."""

    def __init__(self) -> None:
        self._size = self._left = 0
        self._names: dict[str, int] = {}
        self._held: set[int] = set()

    def slots(self, names: tuple) -> list[int] | None:
        """The slots of these names; None if one of them was never handed out."""
        known = [self._names.get(name) for name in names]
        return None if None in known else [one for one in known if one is not None]

    def wrong(self, call: Call, result: object, error: str) -> str:
        """What is wrong with an operation's result or error; "" if nothing is."""
        name, *rest = call
        expected = getattr(self, f"_{name}_error")(*rest)
        if error != expected:
            return f"raises {error or 'nothing'}, not {expected or 'nothing'}"
        return "" if error else str(getattr(self, f"_{name}")(result, *rest))

    def _new_error(self, size: int) -> str:
        return ""

    def _new(self, result: object, size: int) -> str:
        self._size = self._left = size
        return ""

    def _free_error(self) -> str:
        return ""

    def _free(self, result: object) -> str:
        return "" if result == self._left else f"{result} slots are free, not {self._left}"

    def _take_error(self, name: str, count: int) -> str:
        return "OutOfSlots" if count > self._left else ""

    def _take(self, result: object, name: str, count: int) -> str:
        if not isinstance(result, list) or len(result) != count:
            return f"{result} is no list of {count} slots"
        if not set(result) <= set(range(self._size)) - self._held or len(set(result)) < count:
            return f"{result} are not different slots that nobody holds"
        self._names |= {f"{name}[{index}]": slot for index, slot in enumerate(result)}
        self._held |= set(result)
        self._left -= count
        return ""

    def _give_error(self, *names: str) -> str:
        slots = self.slots(names) or []
        return "" if len(set(slots)) == len(slots) and set(slots) <= self._held else "ValueError"

    def _give(self, result: object, *names: str) -> str:
        slots = self.slots(names) or []
        self._held -= set(slots)
        self._left += len(slots)
        return ""


def hold(pool_class: type, rule: str) -> None:
    """Run a rule's programs on a class, in this process.

    Raises:
        AssertionError: something is wrong with what an operation gave.
    """
    for program in PROGRAMS[rule]:
        model, pool = Model(), None
        for call in program:
            name, *rest = call
            result, error = None, ""
            slots = model.slots(tuple(rest)) if name == "give" else []
            if slots is None:
                continue  # of a name that never came to be
            try:
                if name == "new":
                    pool = pool_class(*rest)
                elif name == "take":
                    result = pool.take(rest[1])
                else:
                    result = pool.give(slots) if name == "give" else pool.free()
            except Exception as raised:
                error = type(raised).__name__
            wrong = model.wrong(call, result, error)
            assert not wrong, f"{call}: {wrong}"
