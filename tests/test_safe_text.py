"""Text made safe keeps its words and loses its powers."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smallchat import safe_text as safe_module
from smallchat.safe_text import safe_line, safe_text

BIDI = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
any_text = st.text(alphabet=st.characters(exclude_categories=[]))


def is_harmless(char: str) -> bool:
    if char in "\t\n":
        return True
    return (
        unicodedata.category(char) not in {"Cc", "Cs", "Zl", "Zp"}
        and unicodedata.bidirectional(char) not in BIDI
        and not 0xE0000 <= ord(char) < 0xE0080
    )


@given(any_text)
def test_nothing_but_text_gets_through(text: str) -> None:
    safe = safe_text(text)
    assert all(is_harmless(char) for char in safe)
    safe.encode("utf-8")


@given(any_text, st.integers(min_value=0))
def test_pieces_made_safe_equal_the_whole_made_safe(text: str, cut: int) -> None:
    cut %= len(text) + 1
    assert safe_text(text[:cut]) + safe_text(text[cut:]) == safe_text(text)


@given(any_text)
def test_safe_text_stays_as_it_is(text: str) -> None:
    assert safe_text(safe_text(text)) == safe_text(text)


@given(any_text, st.integers(min_value=1, max_value=300))
def test_a_line_is_one_bounded_line(text: str, limit: int) -> None:
    line = safe_line(text, limit)
    assert len(line) <= limit
    assert not any(char in line for char in "\n\t\r")
    assert all(is_harmless(char) for char in line)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b]52;c;aGk=\x07", "␛]52;c;aGk=␇"),
        ("a\r\nb", "a\nb"),
        ("\x9b2J", "2J"),
        ("pay \u202etxt.exe", "pay txt.exe"),
        ("né 漢字 👩\u200d👩\u200d👧 e\u0301", "né 漢字 👩\u200d👩\u200d👧 e\u0301"),
        ("[/] [@click=app.quit]x[/]", "[/] [@click=app.quit]x[/]"),
        ("\ud83d", "\ufffd"),
    ],
)
def test_examples(text: str, shown: str) -> None:
    assert safe_text(text) == shown


def test_what_is_looked_for_is_what_is_replaced() -> None:
    beside = {code + step for code in safe_module._TABLE for step in (-1, 0, 1) if code + step >= 0}
    found = {code for code in beside if safe_module._UNSAFE.match(chr(code))}
    assert found == set(safe_module._TABLE)
