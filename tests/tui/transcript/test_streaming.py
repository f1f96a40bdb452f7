"""However a text arrives and whatever the width was before, the same lines come out."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smallchat.tui.widgets.transcript.cells import cells
from smallchat.tui.widgets.transcript.document import Document
from tests.tui.transcript.drafts import (
    FOREVER,
    cut,
    hostile,
    markdown,
    places,
    read,
    settle,
    shown,
    texts,
    widths,
)

CONTROL = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f\ud800-\udfff]"
)


@settings(deadline=None)
@given(markdown, places, widths)
def test_chunks_do_not_matter(text: str, cuts: list[int], width: int) -> None:
    assert shown(read(cut(text, cuts), width)) == shown(read([text], width, eagerly=False))


@settings(deadline=None)
@given(markdown, widths, widths)
def test_a_new_width_gives_what_it_would_have_been(text: str, before: int, after: int) -> None:
    document = read([text], before)
    document.resize(after, top=document.rows.height // 2)
    settle(document)
    assert shown(document) == shown(read([text], after))


@settings(deadline=None)
@given(markdown, places, widths, widths)
def test_a_new_width_while_streaming(text: str, cuts: list[int], before: int, after: int) -> None:
    chunks = cut(text, cuts)
    document = Document(before)
    for index, chunk in enumerate(chunks):
        document.append(chunk, "text")
        if index == len(chunks) // 2:
            document.resize(after, top=0)
        document.work(0)
    document.end_answer()
    document.resize(after, top=0)
    settle(document)
    assert shown(document) == shown(read([text], after))


@settings(deadline=None)
@given(markdown, st.integers(20, 100))
def test_the_open_end_shows_what_the_end_would(text: str, width: int) -> None:
    document = Document(width)
    document.append(text + "\n", "text")  # a definition of a link counts once its line is whole
    settle(document)
    before = shown(document)
    document.end_answer()
    settle(document)
    assert shown(document) == before


@settings(deadline=None, max_examples=200)
@given(hostile, places, st.integers(10, 60))
def test_hostile_text_leaves_nothing_but_text(text: str, cuts: list[int], width: int) -> None:
    document = read(cut(text, cuts), width)
    check_harmless(document, width)
    assert "".join(document.answers[0].channels.get("text", ())) == text


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000, "漢" * 100_000, "\u0301" * 100_000, "\u200d" * 100_000, "*" * 100_000, "`" * 100_000,
        "| a" * 30_000 + "\n" + "|-" * 30_000 + "\n", "```c\n" + "/*" * 50_000, "> " * 50_000, "- " * 50_000,
        "x " * 50_000, "x" * 100_000, "# " + "a " * 50_000, "<!--" * 25_000, "```python\n" + "(" * 100_000,
    ],
    ids=[
        "brackets", "wide", "combining", "joiners", "stars", "backticks", "table", "comments", "quotes",
        "lists", "words", "one word", "heading", "html", "open code",
    ],
)  # fmt: skip
def test_long_lines_are_only_text(text: str) -> None:
    check_harmless(read(cut(text, list(range(0, 100_000, 9973))), 40), 40)


def test_what_is_nested_deeper_than_anybody_writes_is_text() -> None:
    document = read(["> " * 60 + "- " * 60 + "end"], 60)
    check_harmless(document, 60)
    text = "".join(line.text for line in document.rows.lines())
    assert text.startswith("▎ " * 20 + "> > ")
    assert text.endswith("end")


def check_harmless(document: Document, width: int) -> None:
    for line in document.rows.lines():
        assert not CONTROL.search(line.text)
        assert len(line.text) <= width * 8 + 200
    for index in range(len(document.links)):
        assert re.fullmatch(r"https?://[!-~\u00a1-\U0010ffff]+", document.links[index], re.IGNORECASE)


@settings(deadline=None)
@given(markdown, st.integers(30, 100))
def test_lines_fit(text: str, width: int) -> None:
    for line in read([text], width).rows.lines():
        assert sum(cells(text) for text, _ in line.spans) <= width


@settings(deadline=None)
@given(markdown, st.integers(20, 60), st.integers(20, 60), st.data())
def test_an_anchor_holds_its_place(text: str, before: int, after: int, data: st.DataObject) -> None:
    document = read([text], before)
    if not document.rows.height:
        return
    y = data.draw(st.integers(0, document.rows.height - 1))
    anchor = document.rows.anchor(y)
    assert anchor is not None
    assert document.rows.row_of(anchor) == y
    document.resize(after, top=y)
    settle(document)
    assert 0 <= document.rows.row_of(anchor) < document.rows.height


@pytest.mark.parametrize(
    ("text", "most"),
    [
        ("```python\n" + "x = [1, 2, 3]  # comment\n" * 2000, 2001),
        ("| a | b |\n|---|---|\n" + "| one | two |\n" * 2000, 2002),
        ("- item\n" * 2000, 2000),
        ("word " * 20_000, 2000),
        ("x" * 100_000, 2000),
    ],
    ids=["fence", "table", "list", "prose", "one word"],
)
def test_growing_blocks_settle_as_they_grow(text: str, most: int) -> None:
    """What is made again with each frame stays small, whatever grows."""
    document = Document(60)
    open_rows = []
    for start in range(0, len(text), 997):
        document.append(text[start : start + 997], "text")
        settle(document)
        open_rows.append(document.rows.open_height)
    assert max(open_rows) <= 100
    assert document.rows.height <= most


def test_work_stops_when_its_time_is_up() -> None:
    document = Document(60)
    document.append("- a line of a list\n" * 5000, "text")
    assert document.work(0)
    assert document.rows.height < 50
    settle(document)
    assert document.rows.height == 5000


def test_a_link_defined_late_becomes_a_link() -> None:
    document = read(["See [the docs][d].\n\n" + "text\n\n" * 50 + "[d]: https://docs.org/\n"], 60)
    line = document.rows.line(0)
    assert line is not None
    assert line.text == "See the docs."
    assert [document.links[look.link] for text, look in line.spans if text == "the docs"] == [
        "https://docs.org/"
    ]


def test_only_web_addresses_are_links() -> None:
    document = read(
        ["[a](javascript:x) [b](file:///etc) [c](mailto:a@b.c) [d](HTTPS://ok.org) vscode://x [e](fil%65:x)"],
        200,
    )
    assert [document.links[index] for index in range(len(document.links))] == ["HTTPS://ok.org"]
    assert "b (file:///etc)" in texts(document)[0] or "[b](file:///etc)" in texts(document)[0]


def test_changes_are_told_from_the_first_row_on() -> None:
    document = read(["a\n\nb\n\n"], 40)
    document.rows.take_changed()
    document.append("c", "text")
    document.work(FOREVER)
    assert document.rows.take_changed() == 3
    document.work(FOREVER)
    assert document.rows.take_changed() is None


def test_a_new_width_in_the_middle_of_another() -> None:
    text = "```python\n" + "a_long_line_of_code = function(argument, 'text')\n" * 200 + "```\n\nend\n"
    document = read([text], 80)
    document.resize(30, top=0)
    document.work(0)
    document.resize(20, top=0)
    settle(document)
    assert shown(document) == shown(read([text], 20))
