"""Stage 4. Your own tests of attention. They are graded, too (handout, task 8).

Run them with `TRITON_INTERPRET=1 .venv/bin/python -m pytest tests`: no GPU is needed.
"""

from __future__ import annotations

import torch

from pagedlab.attention import paged_attention


def test_a_token_alone_attends_to_itself() -> None:
    key_cache = torch.full((3, 16, 1, 64), float("nan"))
    value_cache = key_cache.clone()
    key_cache[2, 0], value_cache[2, 0] = torch.randn(1, 64), torch.arange(64.0)
    starts = torch.tensor([0, 1], dtype=torch.int32)
    ones, table = torch.ones(1, dtype=torch.int32), torch.tensor([[2]], dtype=torch.int32)
    query = torch.randn(1, 1, 64)
    out = paged_attention(query, key_cache, value_cache, table, ones, starts, 0.125)
    torch.testing.assert_close(out, torch.arange(64.0).view(1, 1, 64))


# Write yours below, here or in files named test_online_softmax.py and test_kv_cache_write.py. They
# run against wrong kernels, and earn points for each that they catch. A test that rejects a correct
# one does not count. A good test
#
# - states one rule of the contract in its name;
# - makes a small ragged batch: a decode and a chunk, lengths at and beside the edges of blocks, a
#   shuffled table, NaN in every slot that holds no token, heads that share;
# - scores that are not all alike (a factor of 3 on the query), values whose mean is not zero;
# - compares with a plain softmax over gathered keys in float64, with a tolerance for the dtype;
# - looks at what must not change, too: arguments, slots that nobody asked for.
#
# Of each test ask: which bug makes it fail? If you can think of none, it catches none.
