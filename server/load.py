"""Puts a submission's engine and the shipped language model together, and says what is missing."""

from __future__ import annotations

import gc
import importlib
import sys
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import TypeVar

from server.engine_api import Engine, Sampling, Served

MODEL_NAME = "pagedlab"
# Enough to see every stage at work: full blocks, a prefix to hit, more than one step.
WARM_UP_BLOCKS, WARM_UP_STEPS = 2, 100

Result = TypeVar("Result")


class NotServable(Exception):
    """A submission cannot serve. Says in one line what is missing, and where."""


def load_served(submission: Path, config: Mapping[str, object]) -> Served:
    """Load a submission's `pagedlab` and make an engine that serves the shipped model.

    The engine is tried on two short requests, so that a function that is not written shows here
    and not when the first client comes.

    Args:
        submission: a folder with `pagedlab/` in it. Its code is run in this process.
        config: fields of the submission's `EngineConfig`; others keep their default.

    Raises:
        NotServable: a file is missing, a function is not written, or the trial failed.
    """
    if not (submission / "pagedlab").is_dir():
        raise NotServable(f"{submission} has no folder pagedlab/; name another with SUBMISSION=dir")
    sys.path.insert(0, str(submission.resolve()))
    engine_module = _module("engine", submission)
    config_module = _module("engine_config", submission)
    params_module = _module("sampling_params", submission)
    _module("kv_cache_manager", submission)
    import torch

    from language_model.load import load as load_model
    from language_model.tokenizer import EOT_ID

    torch.set_num_threads(1)  # more are slower for a model as small as this
    model, tokenizer = load_model()
    engine_config = _run("EngineConfig", lambda: config_module.EngineConfig(**config))
    engine = _run("LLMEngine", lambda: engine_module.LLMEngine(model, engine_config))
    served = Served(
        name=MODEL_NAME,
        engine=engine,
        codec=tokenizer,
        new_params=lambda sampling: _new_params(params_module, sampling),
        max_model_len=engine_config.max_model_len or model.config.max_position_embeddings,
        block_size=engine_config.block_size,
        end_token=EOT_ID,
        before_text=(EOT_ID,),  # a new speech; after <bos> a list of persons would come
        cached_block_ids=_cached_block_ids(),
    )
    _run("a trial request", lambda: try_out(served))
    return served


def try_out(served: Served) -> None:
    """Serve two requests with one prompt, one after the other.

    Raises:
        RuntimeError: a request does not end, or blocks are missing afterwards. Whatever else the
            engine raises goes through.
    """
    length = min(WARM_UP_BLOCKS * served.block_size + 1, served.max_model_len - 2)
    prompt = [3 + index % 50 for index in range(length)]
    sampling = Sampling(max_tokens=2, temperature=0.0, seed=0, stop_token_ids=frozenset())
    engine = served.engine
    for request_id in ("trial-1", "trial-2"):
        params = served.new_params(sampling)
        engine.add_request(request_id, prompt, params, priority=0, client="", arrival_time=0.0)
        for _ in range(WARM_UP_STEPS):
            if not engine.has_unfinished_requests():
                break
            engine.step()
        else:
            raise RuntimeError(f"no end after {WARM_UP_STEPS} steps")
    engine.abort_request("trial-3")
    engine.get_block_ids("trial-1")
    stats = engine.stats()
    if stats.num_free_blocks != stats.num_blocks:
        free = f"{stats.num_free_blocks} of {stats.num_blocks}"
        raise RuntimeError(f"only {free} blocks are free when all requests have ended")


def _new_params(module: ModuleType, sampling: Sampling) -> object:
    return module.SamplingParams(
        max_tokens=sampling.max_tokens,
        temperature=sampling.temperature,
        seed=sampling.seed,
        stop_token_ids=sampling.stop_token_ids,
    )


def _module(name: str, submission: Path) -> ModuleType:
    file = submission / "pagedlab" / f"{name}.py"
    if not file.is_file():
        raise NotServable(f"{file} is not there: the server needs stages 1 to 3, 5 and 7")
    return _run(f"import pagedlab.{name}", lambda: importlib.import_module(f"pagedlab.{name}"))


def _run(what: str, action: Callable[[], Result]) -> Result:
    """Call a submission's code; whatever it raises becomes one line."""
    try:
        return action()
    except NotImplementedError as error:
        raise NotServable(f"not written yet: {str(error) or _place(error)}") from error
    except (Exception, SystemExit) as error:
        text = " ".join(str(error).split())
        told = f"{type(error).__name__}: {text}" if text else type(error).__name__
        raise NotServable(f"{what} failed at {_place(error)}: {told}") from error


def _place(error: BaseException) -> str:
    """Where it was raised: file, line and function."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{Path(frame.filename).name}:{frame.lineno}, {frame.name}"


def _cached_block_ids() -> Callable[[], frozenset[int] | None]:
    """A way to see which blocks have a content hash, through the public API of stages 1 and 2.

    How an engine keeps its cache manager is free, so the one that is alive is searched for; all
    its blocks are taken from the idle pool once and given back, to know the records.
    """
    manager_class = sys.modules["pagedlab.kv_cache_manager"].KVCacheManager
    managers = [one for one in gc.get_objects() if issubclass(type(one), manager_class)]
    if len(managers) != 1:
        return lambda: None
    pool = managers[0].block_pool
    blocks = _run("BlockPool", lambda: pool.get_new_blocks(pool.get_num_free_blocks()))
    _run("BlockPool", lambda: pool.free_blocks(blocks))
    return lambda: frozenset(b.block_id for b in blocks if b.block_hash is not None)
