"""Group A, public: bytes of a token, blocks of a budget."""

from __future__ import annotations

from stage6.language import budget_blocks, token_bytes
from stage6.models import MODELS, shape
from stage6.state import expect

from autograder.judge.rules import Judge, rule

TOKEN_BYTES = {
    "meta-llama/Llama-2-7b-hf": 524_288,
    "meta-llama/Llama-2-13b-hf": 819_200,
    "meta-llama/Meta-Llama-3-8B": 131_072,
    "Qwen/Qwen2-7B": 57_344,
}
"""The first is the 512 KiB that texts on Llama-2-7B name; the second is in the vLLM paper's size
class: 800 KB a token for OPT-13B, which has as many layers and as wide ones."""


@rule("6.1")
def test_a_token_takes_the_bytes_of_the_published_shape(judge: Judge) -> None:
    for name, wanted in TOKEN_BYTES.items():
        expect(judge, token_bytes(MODELS[name]), wanted, "I1")
    small = shape(2, 32, 4, "float32", num_key_value_heads=1)
    expect(judge, token_bytes(small), 128, "I1")
    expect(judge, token_bytes(small, "fp8"), 32, "I1")
    judge.check(token_bytes({**small, "torch_dtype": "int4"}))


@rule("6.2")
def test_a_budget_gives_as_many_whole_blocks_as_fit(judge: Judge) -> None:
    small = shape(2, 32, 4, "float16", num_key_value_heads=1)  # 64 bytes a token
    expect(judge, budget_blocks(small, 4, 256), 1, "I2")
    expect(judge, budget_blocks(small, 4, 255), 0, "I2")
    expect(judge, budget_blocks(small, 4, 2559), 9, "I2")
    expect(judge, budget_blocks(small, 1, 0), 0, "I2")
    expect(judge, budget_blocks(MODELS["meta-llama/Llama-2-13b-hf"], 16, 12 << 30), 983, "I2")
    judge.check(budget_blocks(small, 0, 1000))
    judge.check(budget_blocks(small, 16, -1))
