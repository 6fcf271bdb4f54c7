"""Groups E and F, public: chunks of a prompt, ragged batches, long contexts."""

from __future__ import annotations

from stage4.operations import attend, decode, ragged

from autograder.judge.rules import Judge, rule


@rule("4.15")
def test_a_chunk_of_a_prompt_sees_the_keys_up_to_its_own_and_no_further(judge: Judge) -> None:
    judge.check(attend(ragged((9, 9), seed=1)))
    judge.check(attend(ragged((37, 6), num_heads=1, seed=2)))
    judge.check(attend(ragged((70, 67), seed=3)))


@rule("4.16")
def test_decodes_chunks_and_idle_sequences_share_a_batch(judge: Judge) -> None:
    judge.check(attend(ragged((17, 1), (20, 5), (9, 0), (16, 16), query_room=2, seed=1)))
    judge.check(attend(ragged((8, 0), (33, 2), (5, 5), num_heads=1, padding=3, seed=2)))
    judge.check(attend(ragged((40, 33), (40, 1), num_heads=4, seed=judge.new_seed())))


@rule("4.18")
def test_a_long_context_is_attended_to_however_it_is_split(judge: Judge) -> None:
    judge.check(attend(decode(1041, num_heads=1, seed=1)))
    judge.check(attend(decode(2, 530, num_heads=2, columns=70, padding=1, seed=2), "reverse"))
    judge.check(attend(ragged((104, 64), num_heads=1, columns=40, seed=3)))
