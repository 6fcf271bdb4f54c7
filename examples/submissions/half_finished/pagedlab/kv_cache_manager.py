"""Stage 2. The cache manager: which blocks of the pool hold which tokens of which request.

Read next in vLLM: `vllm/v1/core/kv_cache_manager.py` and `single_type_kv_cache_manager.py` beside
it. Simplified here: one KV cache group with full attention, no look-ahead. Copy-on-write of shared
partial blocks is the paper's (section 4.4); vLLM's v1 shares full blocks alone in such a group.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pagedlab.block_pool import BlockPool
from pagedlab.kv_cache_utils import KVCacheBlock
from pagedlab.request import Request


@dataclass(frozen=True)
class SlotAllocation:
    """What a step got. Given.

    Attributes:
        new_blocks: blocks taken from the pool for this step, in the order of the request's table.
        copies: (source, destination) block ids. The device copies them in this order, and before
            the step writes anything.
    """

    new_blocks: tuple[KVCacheBlock, ...] = ()
    copies: tuple[tuple[int, int], ...] = ()


class KVCacheManager:
    """Owns the block table of every request, and what of it is in the prefix cache.

    A request with n computed tokens holds exactly ceil(n / block_size) blocks; entry i of its
    table holds the positions i * block_size ... (i + 1) * block_size - 1. A block that another
    table holds, or that is cached, is never written into: it is copied first. The manager reads
    requests and never changes one: whoever calls it advances `num_computed_tokens`.

    Example:
        >>> pool = BlockPool(num_blocks=9)
        >>> manager = KVCacheManager(block_size=4, block_pool=pool)
        >>> first = Request("first", [1, 2, 3, 4, 5])
        >>> allocation = manager.allocate_slots(first, 5)
        >>> first.num_computed_tokens += 5
        >>> len(manager.get_block_ids(first)), pool.get_num_free_blocks()
        (2, 6)
        >>> second = Request("second", [1, 2, 3, 4, 9, 9])
        >>> blocks, num_tokens = manager.get_computed_blocks(second)
        >>> num_tokens
        4
    """

    block_size: int
    """Token positions that one block holds."""
    block_pool: BlockPool
    """Where blocks come from and go back to."""

    def __init__(self, block_size: int, block_pool: BlockPool, enable_caching: bool = True) -> None:
        """Manage the blocks of a pool that nobody else takes blocks from.

        Args:
            block_size: token positions that one block holds.
            block_pool: an idle pool.
            enable_caching: whether full blocks are cached for later requests with the same prefix.

        Raises:
            ValueError: `block_size` is below 1.
        """
        raise NotImplementedError("Stage 2 · KVCacheManager.__init__ is not written yet")

    def get_computed_blocks(self, request: Request) -> tuple[list[KVCacheBlock], int]:
        """Find the longest cached prefix of a request, in full blocks. Changes nothing.

        A block is found by its chained hash: by its tokens, all tokens before them and the extra
        keys. At least one token is left to compute, for a step must give the next token's logits:
        of a prompt of 8 tokens that is cached whole, 4 are found if a block holds 4. The blocks
        may be free: give them to `allocate_slots` before anything else is taken from the pool.

        Args:
            request: any request; whether it holds blocks makes no difference.

        Returns:
            The blocks, first to last, and how many tokens they hold. Nothing is found with caching
            off.
        """
        raise NotImplementedError("Stage 2 · KVCacheManager.get_computed_blocks is not written yet")

    def allocate_slots(
        self,
        request: Request,
        num_new_tokens: int,
        new_computed_blocks: Sequence[KVCacheBlock] = (),
        reserved_blocks: int = 0,
    ) -> SlotAllocation | None:
        """Give a request the slots that its next step writes, or nothing at all.

        The step computes the positions s ... s + num_new_tokens - 1, where s is the number of
        computed tokens, those of `new_computed_blocks` counted in. If the block of position s is
        there already and is shared or cached, a new block takes its place in the table, and the
        old one loses this holder. Blocks that the step fills are cached at once. Costs O(1) a new
        token or block, however long the request is.

        Args:
            request: its next step is planned. `num_computed_tokens` is the caller's to advance.
            num_new_tokens: tokens to compute, at least 1.
            new_computed_blocks: blocks found by `get_computed_blocks`, for a request that holds
                none; the table begins with them.
            reserved_blocks: how many blocks must be free afterwards.

        Returns:
            The blocks taken and the copies to make; None, with nothing changed, if fewer blocks
            are free than the step takes and `reserved_blocks` keeps. A free block of
            `new_computed_blocks` is one that the step takes.

        Raises:
            ValueError: `num_new_tokens` is below 1 or reaches beyond the request's tokens, or
                `new_computed_blocks` are given for a request that holds blocks; nothing changes.
        """
        raise NotImplementedError("Stage 2 · KVCacheManager.allocate_slots is not written yet")

    def fork(self, parent: Request, child: Request) -> None:
        """Let a child hold every block of its parent; none is taken or copied.

        Args:
            parent: any request.
            child: has the same computed tokens and extra keys as the parent, and holds no block.

        Raises:
            ValueError: the child holds blocks already; nothing is shared.
        """
        raise NotImplementedError("Stage 2 · KVCacheManager.fork is not written yet")

    def truncate(self, request: Request, num_tokens: int) -> None:
        """Give back every block that holds none of the first `num_tokens` tokens, last to first.

        Used when tokens are taken back, such as rejected drafts. The caller then sets
        `num_computed_tokens` to `num_tokens`.

        Args:
            request: loses the blocks.
            num_tokens: computed tokens to keep.

        Raises:
            ValueError: `num_tokens` is negative or above `num_computed_tokens`; nothing changes.
        """
        raise NotImplementedError("Stage 2 · KVCacheManager.truncate is not written yet")

    def free(self, request: Request) -> None:
        """Give back all blocks of a request, last to first, so that its tail is evicted first.

        Args:
            request: finished or preempted; one that holds no block is passed over.
        """
        raise NotImplementedError("Stage 2 · KVCacheManager.free is not written yet")

    def get_block_ids(self, request: Request) -> list[int]:
        """Look a request's block table up. Changes nothing.

        Args:
            request: any request.

        Returns:
            The ids of its blocks, first to last; an empty list if it holds none.
        """
        raise NotImplementedError("Stage 2 · KVCacheManager.get_block_ids is not written yet")
