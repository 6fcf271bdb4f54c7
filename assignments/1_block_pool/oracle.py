"""A slow, obvious model of a block pool. Hidden: it follows every step of the contract.

It keeps the whole state of a correct pool and adopts the submission's choices where the contract
leaves one (which block without a hash is handed out). Written apart from contract.py on purpose:
a test holds the two against each other on every chaff and wheat.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from stage1.state import PoolState, is_ids, read_state

from autograder.program.malformed import Malformed
from autograder.program.model import NotWritten, Observation, Op, Violation
from autograder.protocol.plain import Json


class Oracle:
    """Checks the observations of one program against the model, in order."""

    def __init__(self) -> None:
        self._usable = 0
        self._refs: dict[int, int] = {}
        self._label: dict[int, str] = {}
        self._queue: list[int] = []
        self._lists: dict[str, list[int]] = {}

    def step(self, op: Op, seen: Observation) -> Iterator[Violation]:
        """Apply the operation to the model and give every difference."""
        if seen.error == "NotImplementedError":
            raise NotWritten
        try:
            after = read_state(seen.state)
        except Malformed as malformed:
            yield malformed.violation
            return
        named = op.args.get("blocks", [op.args["block"]] if "block" in op.args else [])
        assert isinstance(named, list)
        try:
            ids = [self._resolve(str(reference)) for reference in named]
        except (KeyError, IndexError):
            yield Violation("", "not run: it names a block that was never brought", "it was run")
            return
        due = self._due(op, ids)
        if seen.error != due and seen.error not in due.split("|"):
            yield Violation("I13" if due else "", due or "no error", seen.error or "no error")
            return
        if not due:
            yield from getattr(self, f"_{op.name}")(op, [key for key in ids if key], seen.result)
        yield from self._differences(op, after, "I4" if due else "")

    def _resolve(self, reference: str) -> int | None:
        """The id that a program's reference means; None for a block of no pool."""
        if reference in ("null", "stranger"):
            return 0 if reference == "null" else None
        name, _, index = reference.rstrip("]").partition("[")
        return self._lists[name][int(index)]

    def _due(self, op: Op, ids: list[int | None]) -> str:
        """The error that is due, "" for none; of several, joined by |, any will do."""
        if op.name == "get":
            wanted = int(str(op.args["num_blocks"]))
            return "ValueError" if wanted < 0 else "OutOfBlocks" * (wanted > len(self._queue))
        due = ["UnknownBlock"] if None in ids else []
        known = [key for key in ids if key is not None]
        if op.name == "cache" and known:
            (key,) = known
            if key == 0 or self._refs[key] == 0 or key in self._label:
                due.append("ValueError")
        if op.name == "free":
            drops = Counter(key for key in known if key != 0)
            if any(count > self._refs[key] for key, count in drops.items()):
                due.append("DoubleFree")
        return "|".join(due)

    # ---- the model's steps ---------------------------------------------------------------------

    def _new(self, op: Op, ids: list[int], result: object) -> Iterator[Violation]:
        self._usable = int(str(op.args["num_blocks"])) - 1
        self._refs = dict.fromkeys(range(1, self._usable + 1), 0)
        self._queue = list(self._refs)
        yield from ()

    def _get(self, op: Op, ids: list[int], result: Json) -> Iterator[Violation]:
        wanted = int(str(op.args["num_blocks"]))
        if not is_ids(result):
            yield Violation("", "a list of KVCacheBlock", f"{result}")
            return
        got = result
        unhashed = [key for key in self._queue if key not in self._label]
        cached = [key for key in self._queue if key in self._label]
        evicted = cached[: max(0, wanted - len(unhashed))]
        if len(got) != wanted or len(set(got)) != wanted:
            yield Violation("I2", f"{wanted} different blocks", f"{got}")
        elif not set(got) <= set(self._queue):
            yield Violation("I5" if 0 in got else "I2", f"blocks of {self._queue}", f"{got}")
        elif len(set(got) & set(cached)) > len(evicted):
            yield Violation("I6", f"blocks of {unhashed} first", f"{got}")
        elif set(got) & set(cached) != set(evicted):
            yield Violation("I7", f"{evicted} evicted", f"{got}")
        else:
            self._queue = [key for key in self._queue if key not in got]
            self._refs.update(dict.fromkeys(got, 1))
            self._label = {key: label for key, label in self._label.items() if key not in got}
            self._lists[op.binds] = list(got)

    def _touch(self, op: Op, ids: list[int], result: object) -> Iterator[Violation]:
        for key in ids:
            self._refs[key] += 1
        self._queue = [key for key in self._queue if self._refs[key] == 0]
        yield from ()

    def _free(self, op: Op, ids: list[int], result: object) -> Iterator[Violation]:
        for key in ids:
            self._refs[key] -= 1
            if self._refs[key] == 0:
                self._queue.append(key)
        yield from ()

    def _cache(self, op: Op, ids: list[int], result: object) -> Iterator[Violation]:
        self._label[ids[0]] = str(op.args["label"])
        yield from ()

    def _lookup(self, op: Op, ids: list[int], result: Json) -> Iterator[Violation]:
        right = self._holding(str(op.args["label"]))
        if not is_ids(result):
            yield Violation("", "a KVCacheBlock or None", f"{result}")
            return
        found = result
        if bool(found) != bool(right) or not set(found) <= right:
            yield Violation("I8", f"one of {sorted(right)} found", f"{found} found")
        else:
            self._lists[op.binds] = list(found)

    def _reset(self, op: Op, ids: list[int], result: object) -> Iterator[Violation]:
        idle = len(self._queue) == self._usable
        if idle:
            self._label = {}
        if result is not idle:
            yield Violation("I11", f"returns {idle}", f"returns {result}")

    def _usage(self, op: Op, ids: list[int], result: object) -> Iterator[Violation]:
        share = (self._usable - len(self._queue)) / self._usable if self._usable else 0.0
        if not isinstance(result, (int, float)) or abs(result - share) > 1e-9:
            yield Violation("I5", f"usage {share:.4g}", f"usage {result}")

    def _check(self, op: Op, ids: list[int], result: object) -> Iterator[Violation]:
        yield from ()

    # ---- what must be seen afterwards ----------------------------------------------------------

    def _holding(self, label: str) -> set[int]:
        return {key for key, own in self._label.items() if own == label}

    def _differences(self, op: Op, after: PoolState, rule: str) -> Iterator[Violation]:
        if after.free != len(self._queue):
            yield Violation(rule or "I1", f"{len(self._queue)} free", f"{after.free} free")
        for key, block in after.blocks.items():
            if block.ref_cnt != self._refs.get(key):
                expected = f"block {key} has ref_cnt {self._refs.get(key)}"
                yield Violation(rule or "I3", expected, f"ref_cnt {block.ref_cnt}")
            if block.label != self._label.get(key):
                expected = f"block {key} has hash {self._label.get(key)}"
                yield Violation(rule or "I10", expected, f"hash {block.label}")
        for label, found in after.cached.items():
            right = self._holding(label)
            if (found is None) != (not right) or (found is not None and found not in right):
                yield Violation(rule or "I8", f"{label} finds one of {sorted(right)}", f"{found}")
