"""Colours line by line are those of the whole block."""

from __future__ import annotations

import pytest

from smallchat.tui.widgets.transcript.highlighting import Highlighter, language_of


def roles(language: str, lines: list[str]) -> list[list[tuple[str, str]]]:
    highlighter = Highlighter(language)
    return [[(text, look.role) for text, look in highlighter.read(line) if text.strip()] for line in lines]


def test_a_string_goes_on_over_lines() -> None:
    first, middle, last = roles("python", ['x = """one', "def two", 'three"""; y = 1'])
    assert ('"""', "code-string") in first or ('"""one', "code-string") in first
    assert middle == [("def two", "code-string")]
    assert ("1", "code-number") in last


@pytest.mark.parametrize("language", ["c", "javascript", "css", "java", "go"])
def test_a_block_comment_goes_on_over_lines(language: str) -> None:
    _, middle, last = roles(language, ["a /* open", "int return class", "closed */ b"])
    assert [role for _, role in middle] == ["code-comment"]
    assert last[0] == ("closed */", "code-comment")
    assert last[-1][1] != "code-comment"


@pytest.mark.parametrize("line", ['s = "/*"', "x /* a */ y", "// not /* a comment"])
def test_a_block_comment_is_not_seen_where_there_is_none(line: str) -> None:
    assert roles("javascript", [line, "return"])[1] == [("return", "code-keyword")]


@pytest.mark.parametrize(
    "language", ["python", "c", "markdown", "html", "json", "ruby", "bash", "diff", "nonsense", ""]
)
def test_no_text_is_lost(language: str) -> None:
    lines = [
        "def f(x): # {",
        "<a href='x'>",
        "```",
        "((((((",
        "",
        '"unclosed',
        "- a",
        "x" * 3000,
        "}}}} */ <!-- $$(",
    ]
    highlighter = Highlighter(language)
    assert ["".join(text for text, _ in highlighter.read(line)) for line in lines] == lines


@pytest.mark.parametrize(
    ("info", "language"),
    [("python", "python"), ("Python title=x", "python"), ("c++", "c++"), ("{.rust}", ""), ("", "")],
)
def test_language(info: str, language: str) -> None:
    assert language_of(info) == language
