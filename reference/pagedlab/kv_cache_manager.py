"""Stage 2. The cache manager: which blocks of the pool hold which tokens of which request.

Read next in vLLM: `vllm/v1/core/kv_cache_manager.py` and `single_type_kv_cache_manager.py` beside
it. Simplified here: one KV cache group with full attention, no look-ahead. Copy-on-write of shared
partial blocks is the paper's (section 4.4); vLLM's v1 shares full blocks alone in such a group.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pagedlab.block_hash import hash_block_tokens
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
        # BEGIN SOLUTION
        if block_size < 1:
            raise ValueError(f"a block holds at least one token, got block_size={block_size}")
        self.block_size = block_size
        self.block_pool = block_pool
        self._enable_caching = enable_caching
        self._tables: dict[str, list[KVCacheBlock]] = {}
        # END SOLUTION

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
        # BEGIN SOLUTION
        hits: list[KVCacheBlock] = []
        block_hash = None
        most = (request.num_tokens - 1) // self.block_size if self._enable_caching else 0
        for index in range(most):
            tokens = request.token_ids[index * self.block_size : (index + 1) * self.block_size]
            block_hash = hash_block_tokens(block_hash, tokens, request.extra_keys)
            block = self.block_pool.get_cached_block(block_hash)
            if block is None:
                break
            hits.append(block)
        return hits, len(hits) * self.block_size
        # END SOLUTION

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
        # BEGIN SOLUTION
        table = self._tables.get(request.request_id, [])
        start = request.num_computed_tokens + len(new_computed_blocks) * self.block_size
        end = start + num_new_tokens
        if not start < end <= request.num_tokens:
            raise ValueError(f"positions {start} ... {end - 1} of {request.num_tokens} tokens")
        if new_computed_blocks and table:
            raise ValueError(f"request {request.request_id} holds blocks already")
        replaced = [block for block in table[-1:] if self._must_copy(block, start)]
        num_held = len(table) + len(new_computed_blocks) - len(replaced)
        num_new_blocks = self._num_blocks(end) - num_held
        num_revived = sum(block.ref_cnt == 0 for block in new_computed_blocks)
        num_free = self.block_pool.get_num_free_blocks()
        if num_new_blocks + num_revived + reserved_blocks > num_free:
            return None
        self.block_pool.touch(new_computed_blocks)
        new_blocks = self.block_pool.get_new_blocks(num_new_blocks)
        copies = tuple((old.block_id, new_blocks[0].block_id) for old in replaced)
        del table[len(table) - len(replaced) :]
        table += [*new_computed_blocks, *new_blocks]
        self._tables[request.request_id] = table
        # Only now: the pool must not hand out the source as the destination.
        self.block_pool.free_blocks(replaced)
        self._cache_full_blocks(request, table, start, end)
        return SlotAllocation(tuple(new_blocks), copies)
        # END SOLUTION

    def fork(self, parent: Request, child: Request) -> None:
        """Let a child hold every block of its parent; none is taken or copied.

        Args:
            parent: any request.
            child: has the same computed tokens and extra keys as the parent, and holds no block.

        Raises:
            ValueError: the child holds blocks already; nothing is shared.
        """
        # BEGIN SOLUTION
        if self._tables.get(child.request_id):
            raise ValueError(f"request {child.request_id} holds blocks already")
        table = self._tables.get(parent.request_id, [])
        self.block_pool.touch(table)
        self._tables[child.request_id] = list(table)
        # END SOLUTION

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
        # BEGIN SOLUTION
        if not 0 <= num_tokens <= request.num_computed_tokens:
            raise ValueError(f"{num_tokens} of {request.num_computed_tokens} tokens to keep")
        table = self._tables.get(request.request_id, [])
        kept = self._num_blocks(num_tokens)
        dropped = table[kept:]
        del table[kept:]
        self.block_pool.free_blocks(reversed(dropped))
        # END SOLUTION

    def free(self, request: Request) -> None:
        """Give back all blocks of a request, last to first, so that its tail is evicted first.

        Args:
            request: finished or preempted; one that holds no block is passed over.
        """
        # BEGIN SOLUTION
        self.block_pool.free_blocks(reversed(self._tables.pop(request.request_id, [])))
        # END SOLUTION

    def get_block_ids(self, request: Request) -> list[int]:
        """Look a request's block table up. Changes nothing.

        Args:
            request: any request.

        Returns:
            The ids of its blocks, first to last; an empty list if it holds none.
        """
        # BEGIN SOLUTION
        return [block.block_id for block in self._tables.get(request.request_id, [])]
        # END SOLUTION

    # BEGIN SOLUTION
    def _num_blocks(self, num_tokens: int) -> int:
        return -(-num_tokens // self.block_size)

    def _must_copy(self, last: KVCacheBlock, start: int) -> bool:
        """True if a step from position `start` on would write into a block of others."""
        partial = start % self.block_size != 0
        return partial and (last.ref_cnt > 1 or last.block_hash is not None)

    def _cache_full_blocks(
        self, request: Request, table: Sequence[KVCacheBlock], start: int, end: int
    ) -> None:
        """Cache the blocks of `table` that a step of these positions fills, if caching is on."""
        if not self._enable_caching:
            return
        first = start // self.block_size
        block_hash = table[first - 1].block_hash if first else None
        for index in range(first, end // self.block_size):
            tokens = request.token_ids[index * self.block_size : (index + 1) * self.block_size]
            block_hash = hash_block_tokens(block_hash, tokens, request.extra_keys)
            self.block_pool.cache_full_block(table[index], block_hash)

    # END SOLUTION
