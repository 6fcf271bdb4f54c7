"""Stage 6. Tests of KV sizes, on shapes made up to tell one mistake from another."""

from __future__ import annotations

import pytest

from pagedlab.kv_cache_spec import (
    KVCacheSpec,
    ModelConfig,
    kv_bytes_per_token,
    num_blocks_for_budget,
    num_blocks_of_request,
    spec_from_config,
)

GROUPED: ModelConfig = {
    "num_hidden_layers": 3,
    "hidden_size": 60,
    "num_attention_heads": 6,
    "num_key_value_heads": 2,
    "torch_dtype": "bfloat16",
}


def token_bytes(**changes: str | int | bool | None) -> int:
    return kv_bytes_per_token(spec_from_config({**GROUPED, **changes}))


def test_keys_and_values_of_the_kv_heads_are_stored_in_every_layer() -> None:
    assert token_bytes() == 3 * 2 * 2 * 10 * 2


def test_without_kv_heads_there_are_as_many_as_attention_heads() -> None:
    assert token_bytes(num_key_value_heads=None) == 3 * 2 * 6 * 10 * 2


def test_a_stated_head_size_comes_before_the_quotient() -> None:
    assert token_bytes(head_dim=16) == 3 * 2 * 2 * 16 * 2
    assert token_bytes(head_dim=None) == token_bytes()


def test_latent_attention_stores_one_vector() -> None:
    assert token_bytes(kv_lora_rank=32, qk_rope_head_dim=8) == 3 * 40 * 2


def test_the_type_of_the_cache_may_differ_from_the_models() -> None:
    assert token_bytes(torch_dtype="float32") == 2 * token_bytes()
    assert kv_bytes_per_token(spec_from_config(GROUPED, "fp8")) == token_bytes() // 2
    for dtype in ("int3", ""):
        with pytest.raises(ValueError):
            spec_from_config(GROUPED, dtype)


@pytest.mark.parametrize("missing", ["num_hidden_layers", "num_attention_heads", "torch_dtype"])
def test_an_entry_that_is_needed_is_missed(missing: str) -> None:
    with pytest.raises(ValueError):
        spec_from_config({key: value for key, value in GROUPED.items() if key != missing})


def test_a_window_counts_unless_it_is_null_or_switched_off() -> None:
    window = spec_from_config({**GROUPED, "sliding_window": 7}).sliding_window
    off = {**GROUPED, "sliding_window": 7, "use_sliding_window": False}
    on = {**GROUPED, "sliding_window": 7, "use_sliding_window": True}
    assert window == spec_from_config(on).sliding_window == 7
    assert spec_from_config(off).sliding_window is None
    assert spec_from_config({**GROUPED, "sliding_window": None}).sliding_window is None


def test_a_budget_holds_whole_blocks() -> None:
    spec = KVCacheSpec(num_layers=2, values_per_layer=8, dtype_bytes=2)  # 32 bytes a token
    assert [num_blocks_for_budget(spec, 4, budget) for budget in (0, 127, 128, 383)] == [0, 0, 1, 2]
    for block_size, budget in ((0, 100), (4, -1)):
        with pytest.raises(ValueError):
            num_blocks_for_budget(spec, block_size, budget)


def test_a_request_keeps_the_blocks_that_its_window_touches() -> None:
    full, window = KVCacheSpec(1, 1, 1), KVCacheSpec(1, 1, 1, sliding_window=6)
    assert [num_blocks_of_request(full, 4, n) for n in (0, 1, 4, 5, 40)] == [0, 1, 1, 2, 10]
    assert [num_blocks_of_request(window, 4, n) for n in (0, 4, 6, 9, 10, 11, 40)] == [
        *(0, 1, 2, 3, 2, 2, 2),
    ]
    for block_size, tokens in ((0, 1), (4, -1)):
        with pytest.raises(ValueError):
            num_blocks_of_request(full, block_size, tokens)
