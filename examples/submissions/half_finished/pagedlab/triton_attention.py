"""The Triton backend: stage 4's kernels under the names that an engine asks for. Given."""

from __future__ import annotations

from pagedlab.attention import paged_attention
from pagedlab.kv_cache_write import write_kv_cache

__all__ = ["paged_attention", "write_kv_cache"]
