"""Stand-in for later stages: who holds what, and a count. No time, no leaks, no checks."""

from collections import namedtuple

Usage = namedtuple("Usage", "num_used_blocks num_shared_blocks num_tokens num_wasted_slots")


class MemoryTracker:
    def __init__(self, num_blocks, block_size):
        self.block_size = block_size
        self.pairs = []
        self.filled = {}

    def allocate(self, time, request_id, block_ids):
        for block in block_ids:
            self.pairs.append((request_id, block))
            self.filled[block] = 0

    def share(self, time, request_id, block_ids):
        for block in block_ids:
            self.pairs.append((request_id, block))

    def write(self, time, block_id, num_tokens):
        self.filled[block_id] = num_tokens

    def free(self, time, request_id, block_ids):
        for block in block_ids:
            self.pairs.remove((request_id, block))

    def finish(self, time, request_id):
        pass

    def usage(self):
        blocks = [block for _, block in self.pairs]
        used = sorted(set(blocks))
        shared = sum(blocks.count(block) > 1 for block in used)
        tokens = sum(self.filled[block] for block in used)
        return Usage(len(used), shared, tokens, len(used) * self.block_size - tokens)

    def holders(self, block_id):
        return frozenset(name for name, block in self.pairs if block == block_id)
