"""Puts a submission's engine and a language model together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from server.engine_api import Codec, Sampling, Served
from server.submission import attempt, import_module, require

MODEL_NAME = "pagedlab"
# Enough for full blocks, a prefix to hit, and more than one step.
TRIAL_BLOCKS, TRIAL_STEPS = 2, 100


def load_served(submission: Path, config: Mapping[str, object]) -> Served:
    """Serve the shipped model with a submission's engine. See `assemble`."""
    require(submission, "engine")  # before torch, which takes seconds
    import torch

    from language_model.load import load
    from language_model.tokenizer import EOT_ID

    torch.set_num_threads(1)  # more are slower for a model as small as this
    model, tokenizer = load()
    return assemble(submission, config, model, tokenizer, EOT_ID)


def assemble(
    submission: Path, config: Mapping[str, object], model: object, codec: Codec, end_token: int
) -> Served:
    """Make an engine of a submission's, and try it, so that what is missing shows at once.

    Args:
        submission: a folder with `pagedlab/` in it. Its code is run in this process.
        config: fields of the submission's `EngineConfig`; others keep their default.
        model: a `CausalLM` of `pagedlab/causal_lm.py`.
        codec: its tokenizer.
        end_token: ends a text; also put before every prompt that is text, which so begins a
            new speech.

    Raises:
        NotServable: a file is missing, a function is not written, or the trial failed.
    """
    engines = import_module(submission, "engine")
    params = import_module(submission, "sampling_params")
    configs = import_module(submission, "engine_config")
    settings = attempt("EngineConfig", lambda: configs.EngineConfig(**config))

    def new_params(sampling: Sampling) -> object:
        return params.SamplingParams(
            max_tokens=sampling.max_tokens,
            temperature=sampling.temperature,
            seed=sampling.seed,
            stop_token_ids=sampling.stop_token_ids,
        )

    def make(watched: bool) -> Served:
        engine = engines.LLMEngine(model, settings)
        return Served(
            name=MODEL_NAME,
            engine=engine,
            codec=codec,
            new_params=new_params,
            max_model_len=configs.model_len(settings, model.config),  # type: ignore[attr-defined]
            block_size=settings.block_size,
            end_token=end_token,
            before_text=(end_token,),
            cached_block_ids=_cached_block_ids(engine) if watched else lambda: None,
        )

    attempt("a trial", lambda: try_out(make(watched=False)))
    # Another one, which has counted nothing yet.
    return attempt("LLMEngine", lambda: make(watched=True))


def try_out(served: Served) -> None:
    """Serve two requests with one prompt, one after the other.

    Raises:
        RuntimeError: a request does not end, or blocks are missing afterwards. Whatever else the
            engine raises goes through.
    """
    length = min(TRIAL_BLOCKS * served.block_size + 1, served.max_model_len - 2)
    sampling = Sampling(max_tokens=2, temperature=0.0, seed=0, stop_token_ids=frozenset())
    engine, params = served.engine, served.new_params(sampling)
    for request_id in ("trial-1", "trial-2"):
        prompt = [2 + index % 10 for index in range(length)]
        engine.add_request(request_id, prompt, params, priority=0, client="")
        for _ in range(TRIAL_STEPS):
            if engine.has_unfinished_requests():
                engine.step()
        if engine.has_unfinished_requests():
            raise RuntimeError(f"two tokens took more than {TRIAL_STEPS} steps")
    engine.abort_request("trial-2")
    engine.get_block_ids("trial-2")
    stats = engine.stats()
    if stats.num_free_blocks != stats.num_blocks:
        free = f"{stats.num_free_blocks} of {stats.num_blocks}"
        raise RuntimeError(f"all requests have ended, and {free} blocks are free")


def _cached_block_ids(engine: object) -> Callable[[], frozenset[int] | None]:
    """A way to see which blocks have a content hash, through the public API of stages 1, 2 and 7.

    All blocks are taken from the idle pool once, and given back, to know their records.
    """
    pool = getattr(getattr(engine, "kv_cache_manager", None), "block_pool", None)
    if pool is None:
        return lambda: None
    blocks = pool.get_new_blocks(pool.get_num_free_blocks())
    pool.free_blocks(blocks)
    return lambda: frozenset(block.block_id for block in blocks if block.block_hash is not None)
