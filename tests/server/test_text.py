"""Text out of tokens, piece by piece: nothing is lost, broken, or sent too early."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from server.detokenizer import IncrementalDetokenizer
from server.stop_strings import StopStrings
from tests.server.fake_engine import ByteCodec

PIECES = st.lists(st.text(alphabet="ab\n", max_size=4), max_size=8)
STOPS = st.lists(st.text(alphabet="ab\n", min_size=1, max_size=4), max_size=4)


def detokenized(ids: list[int]) -> list[str]:
    detokenizer = IncrementalDetokenizer(ByteCodec())
    return [*(detokenizer.add((token,)) for token in ids), detokenizer.flush()]


@given(st.lists(st.integers(0, 255), max_size=30))
def test_any_bytes_give_what_they_are_when_decoded_at_once(ids: list[int]) -> None:
    assert "".join(detokenized(ids)) == ByteCodec().decode(ids)


@given(st.text(max_size=12))
def test_a_text_comes_in_whole_characters_as_soon_as_they_are_whole(text: str) -> None:
    text = text.encode(errors="replace").decode().replace("\ufffd", "")
    ids = list(text.encode())
    pieces = detokenized(ids)
    assert "".join(pieces) == text and pieces[-1] == ""
    assert sum(map(bool, pieces)) == len(text)


def test_a_tokenizer_may_treat_the_first_token_in_a_way_of_its_own() -> None:
    class Words(ByteCodec):
        """Every token is a word with a space before it, which a text does not begin with."""

        def decode(self, ids: list[int]) -> str:
            return "".join(f" {'abc'[token]}" for token in ids)[1:]

    detokenizer = IncrementalDetokenizer(Words())
    pieces = [detokenizer.add((token,)) for token in (0, 1, 2)]
    assert "".join(pieces) == "a b c"


def ended(pieces: list[str], stops: list[str]) -> tuple[str, str | None]:
    found = StopStrings(tuple(stops))
    text = "".join(found.add(piece) for piece in pieces)
    return text + found.flush(), found.found


@given(PIECES, STOPS)
def test_a_text_ends_before_the_stop_string_that_is_complete_first(
    pieces: list[str], stops: list[str]
) -> None:
    text = "".join(pieces)
    wanted: tuple[str, str | None] = (text, None)
    for end in range(len(text) + 1):
        complete = [stop for stop in stops if text[:end].endswith(stop)]
        if complete:
            longest = max(complete, key=len)
            wanted = (text[: end - len(longest)], longest)
            break
    assert ended(pieces, stops) == wanted
    assert ended(list(text), stops) == wanted


@given(PIECES, STOPS)
def test_nothing_is_held_back_that_no_stop_string_begins_with(
    pieces: list[str], stops: list[str]
) -> None:
    found = StopStrings(tuple(stops))
    sent, seen = "", ""
    for piece in pieces:
        sent += found.add(piece)
        seen += piece
        if found.found is not None:
            return
        held = seen[len(sent) :]
        assert seen.startswith(sent)
        assert not held or any(stop.startswith(held) and stop != held for stop in stops)
