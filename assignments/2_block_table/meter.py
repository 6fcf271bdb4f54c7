"""Stage 2's performance workloads: long and short requests, and what is kept of them.

Both sizes use pools of the same size, so that what the pool costs is the same in both. Steps are
counted in the student's two files alone. What is reported is a claim; the judge checks it and uses
its own clock.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from types import ModuleType
from typing import Any

from stage2.meter_table import BLOCK_SIZE, CALLS, Table, kept

from autograder.protocol.plain import Json
from autograder.worker.driver import plain
from autograder.worker.steps import StepCounter, TooManySteps

TOKENS = 100_000
"""The large size: tokens of the longest request, and of all lookups of a slice together."""
FILES = ("block_table.py", "kv_cache_manager.py")


class Meter:
    """Holds a manager with one long request, and a table with one long row, per size."""

    def __init__(self, modules: Mapping[str, ModuleType]) -> None:
        gc.disable()
        self._modules = modules
        self._managers: dict[int, _Manager] = {}
        self._tables: dict[int, Table] = {}

    def prepare(self, size: int) -> Json:
        """Nothing yet: each part is built for the first case that needs it."""
        return None

    def work(self, case: str, size: int, most_steps: int) -> Json:
        """Do one slice of a case; give what it brought, and its steps or its amount."""
        held = self._table(size) if case in Table.CASES else self._manager(size)
        if case.endswith("_bytes"):
            outputs, amount = getattr(held, case)()
            return {"outputs": outputs, "steps": 0, "amount": amount}
        slice_of_work: Callable[[], Callable[[], Json]] = getattr(held, case)()
        counter = StepCounter(most_steps, FILES)
        try:
            with counter if most_steps else nullcontext():
                outputs_of = slice_of_work()
        except TooManySteps:
            return {"outputs": None, "steps": most_steps}
        return {"outputs": outputs_of(), "steps": counter.count}

    def _manager(self, size: int) -> _Manager:
        if size not in self._managers:
            self._managers[size] = _Manager(self._modules["kv_cache_manager"], size)
        return self._managers[size]

    def _table(self, size: int) -> Table:
        if size not in self._tables:
            self._tables[size] = Table(self._modules["block_table"], size)
        return self._tables[size]


class _Manager:
    """One request of `size` tokens, all of them computed and cached.

    A slice is prepared by calling it, run by calling what that gives, and shown by calling what
    that gives: only the middle part is measured.
    """

    def __init__(self, module: ModuleType, size: int) -> None:
        from pagedlab.block_pool import BlockPool
        from pagedlab.request import Request

        self._class = module.KVCacheManager
        self._new_pool: Any = lambda: BlockPool(TOKENS // BLOCK_SIZE + 64)
        self._new_request: Any = Request
        self._length = size - size % BLOCK_SIZE
        self._manager: Any = self._class(BLOCK_SIZE, self._new_pool())
        self._long: Any = Request("long", list(range(self._length)))
        self._manager.allocate_slots(self._long, self._length)
        self._long.num_computed_tokens = self._length

    def append(self) -> Any:
        """Generate and compute tokens one by one."""
        manager, request = self._manager, self._long
        request.append_output_token_ids(range(CALLS))
        given = []

        def run() -> Any:
            for _ in range(CALLS):
                given.append(manager.allocate_slots(request, 1))
                request.num_computed_tokens += 1
            return show

        def show() -> Json:
            new = [plain(block.block_id) for one in given for block in one.new_blocks]
            held = len(manager.get_block_ids(request))
            return {"new": new, "held": held, "tokens": request.num_computed_tokens}

        return run

    def take_back(self) -> Any:
        """Truncate to the length before `append`."""

        def run() -> Any:
            self._manager.truncate(self._long, self._length)
            del self._long.token_ids[self._length :]
            self._long.num_computed_tokens = self._length
            return lambda: None

        return run

    def lookup(self) -> Any:
        """Look up the same number of tokens at every size, each time by a new request."""
        tokens = [*self._long.token_ids, 0]
        count = TOKENS // self._length
        requests = [self._new_request(f"r{number}", list(tokens)) for number in range(count)]
        found: list[Any] = []

        def run() -> Any:
            for request in requests:
                found.append(self._manager.get_computed_blocks(request))
            return show

        def show() -> Json:
            held = self._manager.get_block_ids(self._long)
            same = [[block.block_id for block in blocks] == held for blocks, _ in found]
            return {"same": same, "tokens": [plain(tokens) for _, tokens in found]}

        return run

    def manager_bytes(self) -> tuple[Json, float]:
        """What is kept a block of a long request, by the manager and the pool."""
        request = self._new_request("long", list(range(self._length)))
        manager = self._class(BLOCK_SIZE, self._new_pool())

        def fill() -> None:
            for _ in range(self._length // BLOCK_SIZE // 25):
                manager.allocate_slots(request, 25 * BLOCK_SIZE)
                request.num_computed_tokens += 25 * BLOCK_SIZE

        amount = kept(fill) / (self._length // BLOCK_SIZE)
        return {"held": len(manager.get_block_ids(request))}, amount
