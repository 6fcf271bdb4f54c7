"""The shapes of models: what the handout says of them, and the bytes that follow."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from tests.assignments.handout import HANDOUTS
from tests.stages.memory_tracking.bench import REFERENCE, STAGE, modules_of, part

HANDOUT = next(one for one in HANDOUTS if one.stage.id == 6)
MODELS = part("models").MODELS
BYTES = {
    "meta-llama/Llama-2-7b-hf": 2 * 32 * 32 * 128 * 2,
    "meta-llama/Llama-2-13b-hf": 2 * 40 * 40 * 128 * 2,
    "meta-llama/Meta-Llama-3-8B": 2 * 32 * 8 * 128 * 2,
    "Neko-Institute-of-Science/LLaMA-13B-HF": 2 * 40 * 40 * 128 * 2,
    "mistralai/Mistral-7B-v0.1": 2 * 32 * 8 * 128 * 2,
    "mistralai/Mistral-7B-Instruct-v0.2": 2 * 32 * 8 * 128 * 2,
    "Qwen/Qwen2-7B": 2 * 28 * 4 * 128 * 2,
    "Qwen/Qwen3-4B": 2 * 36 * 8 * 128 * 2,
    "deepseek-ai/DeepSeek-Coder-V2-Lite-Base": 27 * (512 + 64) * 2,
    "deepseek-ai/DeepSeek-V3": 61 * (512 + 64) * 2,
}


def test_the_bytes_of_a_token_follow_from_the_published_shapes() -> None:
    with modules_of(REFERENCE) as modules:
        spec = modules["kv_cache_spec"]
        found = {
            name: spec.kv_bytes_per_token(spec.spec_from_config(config))
            for name, config in MODELS.items()
        }
    assert found == BYTES
    assert found["meta-llama/Llama-2-13b-hf"] == 819_200
    public = _constant(STAGE.folder / "public" / "test_kv_bytes.py", "TOKEN_BYTES")
    assert public == {name: BYTES[name] for name in public}


def test_only_mistrals_first_model_has_a_window_that_is_on() -> None:
    with modules_of(REFERENCE) as modules:
        read = modules["kv_cache_spec"].spec_from_config
        windows = {name: read(config).sliding_window for name, config in MODELS.items()}
    assert {name: one for name, one in windows.items() if one} == {
        "mistralai/Mistral-7B-v0.1": 4096
    }


def test_the_handout_says_of_each_model_what_is_graded() -> None:
    rows = re.findall(r"^\| ([\w.-]+) \| (\d+) \| ([^|]+) \|", HANDOUT.text, re.MULTILINE)
    shown = {name: (int(layers), re.findall(r"\d+", heads)[:2]) for name, layers, heads in rows}
    for name, config in MODELS.items():
        if name.endswith("v0.2"):
            continue
        short = name.partition("/")[2].removesuffix("-hf").removesuffix("-HF").lower()
        short = short.replace("meta-", "").replace("coder-", "").replace("-base", "")
        (row,) = [shown[one] for one in shown if one.lower() == short]
        if "kv_lora_rank" in config:
            numbers = [config["kv_lora_rank"], config["qk_rope_head_dim"]]
        else:
            heads = config["num_attention_heads"]
            size = config.get("head_dim") or config["hidden_size"] // heads
            numbers = [config.get("num_key_value_heads") or heads, size]
        assert row == (config["num_hidden_layers"], [str(one) for one in numbers])


def _constant(file: Path, name: str) -> dict[str, int]:
    """A constant of a test that is read, not imported: it belongs to the judge's own run."""
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
            value: dict[str, int] = ast.literal_eval(node.value)
            return value
    raise AssertionError(f"{file}: no {name}")
