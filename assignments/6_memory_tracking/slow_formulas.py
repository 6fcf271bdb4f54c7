"""Hidden. What the functions that keep nothing must return, each worked out the long way."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from stage6.slow_allocator import Refused, reserved_size
from stage6.slow_memory import replayed

from autograder.protocol.plain import Json

BYTES = {"float32": 4, "bfloat16": 2, "float16": 2, "fp8": 1}


def _layer_values(config: Mapping[str, Any]) -> int:
    if config.get("kv_lora_rank"):
        return int(config["kv_lora_rank"] + config["qk_rope_head_dim"])
    heads = config.get("num_key_value_heads") or config["num_attention_heads"]
    size = config.get("head_dim") or config["hidden_size"] // config["num_attention_heads"]
    key = value = heads * size
    return int(key + value)


def _token_bytes(config: Mapping[str, Any], cache_dtype: str = "auto") -> int:
    dtype = config.get("torch_dtype") if cache_dtype == "auto" else cache_dtype
    if dtype not in BYTES:
        raise Refused("ValueError")
    try:
        return sum(_layer_values(config) * BYTES[dtype] for _ in range(config["num_hidden_layers"]))
    except KeyError:
        raise Refused("ValueError") from None


def _budget_blocks(config: Mapping[str, Any], block_size: int, budget_bytes: int) -> int:
    if block_size < 1 or budget_bytes < 0:
        raise Refused("ValueError")
    return (budget_bytes - budget_bytes % (size := block_size * _token_bytes(config))) // size


def _request_blocks(config: Mapping[str, Any], block_size: int, num_tokens: int) -> int:
    if block_size < 1 or num_tokens < 0:
        raise Refused("ValueError")
    window = config.get("sliding_window")
    if window is None or config.get("use_sliding_window") is False:
        window = num_tokens
    newest = num_tokens - 1
    attended = [position for position in range(num_tokens) if newest - position < window]
    return len({position // block_size for position in attended})


def _split(num_slots: int, num_used: int, num_tokens: int) -> Json:
    kinds = [
        "used" if s < num_used else "later" if s < num_tokens else "never" for s in range(num_slots)
    ]
    return [kinds.count("used"), kinds.count("later"), kinds.count("never"), 0, 0]


def _summarize(stays: list[list[float]], start: float, end: float) -> Json:
    if end <= start or any(departure < arrival for arrival, departure in stays):
        raise Refused("ValueError")
    changes = sorted([(a, 1) for a, _ in stays] + [(d, -1) for _, d in stays])
    area, number, last = 0.0, 0, start
    for time, change in changes:
        moment = min(max(time, start), end)
        area += number * (moment - last)
        number, last = number + change, moment
    area += number * (end - last)
    mine = [departure - arrival for arrival, departure in stays if start <= arrival < end]
    mean = sum(mine) / len(mine) if mine else 0.0
    return [area / (end - start), len(mine) / (end - start), mean]


def _wait(rate: float, services: list[float]) -> float:
    if rate < 0 or not services:
        raise Refused("ValueError")
    mean = math.fsum(services) / len(services)
    if rate * mean >= 1:
        raise Refused("Overloaded")
    variance = math.fsum((one - mean) ** 2 for one in services) / len(services)
    return rate * (variance + mean * mean) / 2 / (1 - rate * mean)


def _sojourn(rate: float, output: float, fixed: float, each: float, batch: int | None) -> float:
    """The product form with logarithms, far beyond where its terms vanish."""
    if rate < 0 or output <= 0:
        raise Refused("ValueError")
    load = rate * output * (each + (fixed / batch if batch else 0.0))
    if load >= 1:
        raise Refused("Overloaded")
    if rate == 0:
        return output * (fixed + each)
    terms, log, top = [0.0], 0.0, 0.0
    while len(terms) < 200_000:
        m = min(len(terms), batch) if batch else len(terms)
        step = math.log(rate * output * (fixed + each * m) / m)
        log += step
        terms.append(log)
        top = max(top, log)
        if step < 0 and log < top - 40:
            break
    weights = [math.exp(term - top) for term in terms]
    mean_number = math.fsum(n * weight for n, weight in enumerate(weights)) / math.fsum(weights)
    return mean_number / rate


def _largest(output: float, fixed: float, each: float, batch: int | None, slo: float) -> float:
    if output <= 0:
        raise Refused("ValueError")
    if output * (fixed + each) > slo:
        return 0.0
    low, high = 0.0, 1 / (output * (each + (fixed / batch if batch else 0.0)))
    for _ in range(16):
        middle = (low + high) / 2
        kept = _sojourn(middle, output, fixed, each, batch) <= slo
        low, high = (middle, high) if kept else (low, middle)
    return low


FORMULAS: Mapping[str, Callable[..., Json]] = {
    "token_bytes": _token_bytes,
    "budget_blocks": _budget_blocks,
    "request_blocks": _request_blocks,
    "reserved": reserved_size,
    "split": _split,
    "replay": replayed,
    "summarize": _summarize,
    "wait": _wait,
    "sojourn": _sojourn,
    "largest": _largest,
}
"""By operation: the result that is due, or Refused."""
