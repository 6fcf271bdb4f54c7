"""Contiguous KV memory behind the cache manager's interface, so that one scheduler serves both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pagedlab.block_pool import BlockPool
from pagedlab.kv_cache_manager import KVCacheManager, SlotAllocation
from pagedlab.kv_cache_utils import KVCacheBlock
from pagedlab.replay import KVMemory
from pagedlab.replay import Request as Lengths
from pagedlab.request import Request


class ReservingManager(KVCacheManager):
    """Admits a request if the memory has room for all that it reserves; then it never lacks a slot.

    The memory is one of stage 6 (`pagedlab.contiguous`). Its reservation may depend on lengths
    that no server knows, so they are told beforehand. Blocks of one slot stand for its size alone.
    """

    def __init__(self, memory: KVMemory, outputs: Mapping[str, int]) -> None:
        """Manage an empty memory.

        Args:
            memory: contiguous.
            outputs: tokens that each request will generate, by its id.
        """
        super().__init__(1, BlockPool(memory.num_slots + 1), enable_caching=False)
        self._memory = memory
        self._outputs = outputs
        self._inside: set[str] = set()

    def allocate_slots(
        self,
        request: Request,
        num_new_tokens: int,
        new_computed_blocks: Sequence[KVCacheBlock] = (),
        reserved_blocks: int = 0,
    ) -> SlotAllocation | None:
        """Reserve on admission; afterwards, everything is there already."""
        name = request.request_id
        if name not in self._inside:
            lengths = Lengths(name, request.num_prompt_tokens, self._outputs[name])
            if not self._memory.admit(lengths):
                return None
            self._inside.add(name)
        return SlotAllocation()

    def free(self, request: Request) -> None:
        """Give the whole reservation back."""
        if request.request_id in self._inside:
            self._inside.remove(request.request_id)
            self._memory.release(request.request_id)
