"""Stage 7: rows that come and go, and the inputs of a pass."""

from __future__ import annotations

import pytest

from pagedlab.input_batch import InputBatch, ModelInputs


def batch_of(**tables: list[int]) -> InputBatch:
    batch = InputBatch(max_num_reqs=3, max_num_blocks_per_req=6, block_size=2)
    for name, block_ids in tables.items():
        batch.add_request(name, block_ids)
    return batch


def part(inputs: ModelInputs, name: str) -> tuple[list[int], list[int], list[int], int, list[int]]:
    """What the inputs say of one request: tokens, positions, slots, length, blocks."""
    row = inputs.req_ids.index(name)
    first, end = inputs.query_start_loc[row : row + 2].tolist()
    length = int(inputs.seq_lens[row])
    columns = [inputs.token_ids, inputs.positions, inputs.slot_mapping]
    tokens, positions, slots = (one[first:end].tolist() for one in columns)
    return tokens, positions, slots, length, inputs.block_table[row, : -(-length // 2)].tolist()


def test_tables_grow_and_a_copy_takes_its_sources_place() -> None:
    batch = batch_of(a=[5])
    batch.append_block_ids("a", [3, 9])
    batch.append_block_ids("a", [])
    assert batch.get_block_ids("a") == [5, 3, 9]
    batch.append_block_ids("a", [4, 8], replaces_last=True)
    assert batch.get_block_ids("a") == [5, 3, 4, 8]


@pytest.mark.parametrize("gone", "abc")
def test_whoever_leaves_the_others_keep_their_tables(gone: str) -> None:
    tables = {"a": [1], "b": [2, 4], "c": [3, 5]}
    batch = batch_of(**tables)
    batch.remove_request(gone)
    batch.remove_request("nobody")
    batch.add_request("d", [7])
    tables |= {gone: [], "d": [7]}
    for name in "abcd":
        if name != gone:
            batch.append_block_ids(name, [9])
            tables[name] = [*tables[name], 9]
    assert {name: batch.get_block_ids(name) for name in "abcd"} == tables
    batch.remove_request("d")
    others = [name for name in "abc" if name != gone]
    inputs = batch.prepare_inputs({name: [1] for name in others}, dict.fromkeys(others, 0))
    for name in others:
        assert part(inputs, name) == ([1], [0], [2 * tables[name][0]], 1, tables[name][:1])


def test_no_request_has_two_rows_and_no_row_too_many_is_given() -> None:
    batch = batch_of(a=[1], b=[2])
    with pytest.raises(ValueError):
        batch.add_request("a", [4])
    batch.add_request("c", [3])
    with pytest.raises(ValueError):
        batch.add_request("d", [5])
    assert batch.get_block_ids("a") == [1]
    assert batch.get_block_ids("d") == []


def test_a_prompt_a_chunk_and_a_single_token_share_a_batch() -> None:
    batch = batch_of(a=[5, 2], b=[7, 1, 4], c=[3])
    tokens = {"b": [11, 12, 13], "c": [21, 22], "a": [31]}
    inputs = batch.prepare_inputs(tokens, {"a": 3, "b": 2, "c": 0})
    assert part(inputs, "a") == ([31], [3], [5], 4, [5, 2])
    assert part(inputs, "b") == ([11, 12, 13], [2, 3, 4], [2, 3, 8], 5, [7, 1, 4])
    assert part(inputs, "c") == ([21, 22], [0, 1], [6, 7], 2, [3])
