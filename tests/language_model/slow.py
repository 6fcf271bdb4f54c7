"""The architecture written apart, by its definitions: loops over numbers, in fp64."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from language_model.config import ModelConfig

Vector = NDArray[np.float64]
Weights = dict[str, NDArray[np.float64]]


def logits(weights: Weights, config: ModelConfig, token_ids: Sequence[int]) -> Vector:
    """Logits `[tokens, vocab_size]` of one sequence."""
    stream = [weights["embed_tokens.weight"][token] for token in token_ids]
    for layer in range(config.num_hidden_layers):
        own = {
            name.removeprefix(f"layers.{layer}.").removesuffix(".weight"): value
            for name, value in weights.items()
        }
        stream = add(stream, attention(own, config, stream))
        stream = add(stream, [swiglu(own, config, x) for x in stream])
    final = [rms_norm(x, weights["norm.weight"], config.rms_norm_eps) for x in stream]
    return np.array([weights["embed_tokens.weight"] @ x for x in final])


def add(left: list[Vector], right: list[Vector]) -> list[Vector]:
    return [one + other for one, other in zip(left, right, strict=True)]


def rms_norm(x: Vector, weight: Vector, eps: float) -> Vector:
    mean_square = sum(float(value) ** 2 for value in x) / len(x)
    return np.array([v / math.sqrt(mean_square + eps) * w for v, w in zip(x, weight, strict=True)])


def turn(head: Vector, position: int, theta: float) -> Vector:
    """RoPE as a product of complex numbers."""
    half = len(head) // 2
    out = np.zeros_like(head)
    for i in range(half):
        angle = position / theta ** (2 * i / len(head))
        turned = complex(head[i], head[i + half]) * complex(math.cos(angle), math.sin(angle))
        out[i], out[i + half] = turned.real, turned.imag
    return out


def attention(own: Weights, config: ModelConfig, stream: list[Vector]) -> list[Vector]:
    size = config.head_dim
    normed = [rms_norm(x, own["input_layernorm"], config.rms_norm_eps) for x in stream]

    def head(name: str, number: int, position: int) -> Vector:
        rows = own[name][number * size : (number + 1) * size]
        return np.array(rows @ normed[position])

    out = []
    for now in range(len(stream)):
        heads = []
        for number in range(config.num_attention_heads):
            shared = number * config.num_key_value_heads // config.num_attention_heads
            query = turn(head("q_proj", number, now), now, config.rope_theta)
            exponentials = []
            for then in range(now + 1):
                key = turn(head("k_proj", shared, then), then, config.rope_theta)
                exponentials.append(math.exp(float(query @ key) / math.sqrt(size)))
            mixed = np.zeros(size)
            for then, exponential in enumerate(exponentials):
                mixed += exponential / sum(exponentials) * head("v_proj", shared, then)
            heads.append(mixed)
        out.append(np.array(own["o_proj"] @ np.concatenate(heads)))
    return out


def swiglu(own: Weights, config: ModelConfig, x: Vector) -> Vector:
    normed = rms_norm(x, own["post_attention_layernorm"], config.rms_norm_eps)
    gate, up = own["gate_proj"] @ normed, own["up_proj"] @ normed
    inner = [g / (1 + math.exp(-g)) * u for g, u in zip(gate, up, strict=True)]
    return np.array(own["down_proj"] @ np.array(inner))
