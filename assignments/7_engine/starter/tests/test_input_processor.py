"""Stage 7. Your own tests of admission. They are graded, too (handout, task 9)."""

from __future__ import annotations

from pagedlab.input_processor import InputProcessor
from pagedlab.sampling_params import SamplingParams


def test_a_request_ends_where_the_positions_end() -> None:
    processor = InputProcessor(vocab_size=10, max_model_len=8, num_slots=100)
    assert processor.process_inputs("a", [1, 2, 3], SamplingParams(max_tokens=99)).max_tokens == 5


# Write yours below.
