"""The structure read line by line is the one CommonMark gives the whole."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from smallchat.tui.widgets.transcript.document import Document
from smallchat.tui.widgets.transcript.parts import split_row
from tests.tui.transcript.drafts import read, texts

LINES = st.sampled_from([
    "# Title", "## Sub ##", "---", "text", "more text", "- item", "* star", "  - nested", "1. one", "2. two",
    "> quote", "> # head", "> - x", "```python", "```", "~~~", "    code", "  text", "", "", "- # in item",
    "1) other",
])  # fmt: skip


def structure(document: Document) -> list[tuple[str, str]]:
    found = []
    for stream in document.answers[0].streams:
        for block in stream.blocks:
            if block.shape.kind in ("heading", "code"):
                found.append((block.shape.kind + block.shape.info, block.source))
            elif block.shape.kind == "rule":
                found.append(("rule", ""))
    return found


def reference(text: str) -> list[tuple[str, str]]:
    found = []
    tokens = MarkdownIt("commonmark", {"html": False}).parse(text)
    for index, token in enumerate(tokens):
        if token.type == "heading_open":
            found.append(("heading" + token.tag[1], tokens[index + 1].content))
        elif token.type in ("fence", "code_block"):
            found.append(("code" + token.info.strip(), token.content.removesuffix("\n")))
        elif token.type == "hr":
            found.append(("rule", ""))
    return found


@settings(deadline=None, max_examples=300)
@given(st.lists(LINES, max_size=14).map("\n".join))
def test_structure_is_commonmark(text: str) -> None:
    if any("\n" in content for kind, content in reference(text) if kind.startswith("heading")):
        return  # a heading of several lines: here the rule below it stays a rule
    document = read([text], 80)
    if document.answers and document.answers[0].streams:
        assert structure(document) == reference(text)
    else:
        assert not reference(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("1. a\n1. b\n1. c", ["1. a", "2. b", "3. c"]),
        ("3. a\n4. b\n10. c", ["3. a", "4. b", "10. c"]),
        ("1. a\n  - b\n2. c", ["1. a", "   • b", "2. c"]),
        ("- [x] a\n- [ ] b\n-", ["☑ a", "☐ b", "•"]),
        ("> a\n\n> b", ["▎ a", "", "▎ b"]),
        ("a\nb", ["a", "b"]),
        ("<div>\n<!-- x", ["<div>", "<!-- x"]),
        ("```\n\tx\n```", ["     x"]),
        ("**a** _b_ `c`  ~~d~~", ["a b c  d"]),
        ("![cat](http://x.org/c.png)", ["[image: cat]"]),
        ("a &lt; b &amp;&#x202e;c", ["a < b &c"]),
    ],
)  # fmt: skip
def test_looks(text: str, shown: list[str]) -> None:
    assert [line.rstrip() for line in texts(read([text], 40))] == shown


def test_tables_fit_the_width() -> None:
    table = "| Name | Value |\n|:--|--:|\n| a | 1 |\n| long words in a cell | 22 |\n"
    assert texts(read([table], 40)) == [
        "Name                 │ Value",
        "─────────────────────┼──────",
        "a                    │     1",
        "long words in a cell │    22",
    ]
    assert texts(read([table], 20)) == [
        "Name         │ Value",
        "─────────────┼──────",
        "a            │     1",
        "long words   │    22",
        "in a cell    │      ",
    ]
    assert texts(read([table], 12)) == [
        "Name  a",
        "Value  1",
        "",
        "Name  long",
        "  words in a",
        "  cell",
        "Value  22",
    ]


def test_code_is_kept_as_it_was_written() -> None:
    code = "\tif x:\n\n\t\treturn  \n" + "y" * 5000
    document = read([f"- item\n\n```make\n{code}\n```\n"], 40)
    assert document.code_blocks() == [code]


@pytest.mark.parametrize(
    ("row", "cells"),
    [
        ("| a | b |", ["a", "b"]),
        ("a|b", ["a", "b"]),
        ("| a \\| b | c", ["a | b", "c"]),
        ("||", [""]),
        ("|a||b|", ["a", "", "b"]),
    ],
)
def test_rows_are_split(row: str, cells: list[str]) -> None:
    assert split_row(row) == cells
