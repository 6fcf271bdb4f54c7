"""Stage 7. Your own tests of the engine. They are graded, too (handout, task 9).

Run them with `.venv/bin/python -m pytest tests`. Tests of the other modules go to files of their
own: `test_input_processor.py`, `test_output_processor.py`, `test_input_batch.py`,
`test_model_runner.py`.
"""

from __future__ import annotations

from itertools import islice

from language_model.generate import generate
from language_model.tiny import tiny_model
from pagedlab.engine import LLMEngine
from pagedlab.engine_config import EngineConfig
from pagedlab.sampling_params import SamplingParams


def test_an_engine_says_what_the_model_says_alone() -> None:
    model, prompt = tiny_model(), [5, 6, 7, 8, 9]
    engine = LLMEngine(model, EngineConfig(block_size=4, num_blocks=20))
    engine.add_request("a", prompt, SamplingParams(max_tokens=4, seed=3))
    said: list[int] = []
    while engine.has_unfinished_requests():
        for output in engine.step():
            said += output.new_token_ids
    assert said == list(islice(generate(model, prompt, temperature=1.0, seed=3), 4))


# Write yours below. A good test
#
# - states one rule of the contract in its name, and needs a few steps to check it;
# - compares tokens with the plain model, and looks at outputs, tables, errors and numbers;
# - makes memory tight: five blocks and two requests show most bugs of preemption;
# - tries the edges: a prompt of a whole block, a request that just fits, an abort while waiting.
