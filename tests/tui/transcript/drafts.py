"""Markdown to try the transcript with: strategies for well-formed and hostile texts, and how to cut them."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import strategies as st

from smallchat.tui.widgets.transcript.document import Document
from smallchat.tui.widgets.transcript.lines import NO_LINK, Line

FOREVER = 1 << 62

FRAGMENTS = (
    "# Title", "## Sub *title* ##", "Title", "===", "---", "***", "text", "some **bold** and *more",
    "end* here", "- item", "- [ ] task", "- [x] done", "* star", "  - nested", "   continued", "1. one",
    "1. again", "10. ten", "    four spaces", "> quote", "> > deeper", ">", "> - item in quote",
    "```python", "```", "~~~", "````", "def f(x):", '    """doc', 'string"""', "/* comment", "*/ int x;",
    "```js", "| a | b |", "|---|:-:|", "| 1 | `x|y` |", "| long cell with many words in it | 2 | 3 |", "",
    "", "[a](http://x.org/) ![i](http://i.png)", "[ref] and [r][ref]", "[ref]: http://late.org/",
    "<!-- open", "<div>", "日本語のテキストは空白なしで続く", "e\u0301\u0301 👩\u200d👩\u200d👧 ❤\ufe0f",
    "&amp; &#x202e; &lt;", "a" * 90, "\ttab\there", "x" * 30 + " " + "y" * 50, "`code` ``a`b``",
    "https://bare.org/a_b.", "line  ", "\\* escaped",
)  # fmt: skip
HOSTILE = (
    "\x1b]52;c;AAAA\x07", "\x1b[2J", "\x9b31m", "\x1bP+q\x1b\\", "\x00", "[@click=app.quit]x[/]", "[/]",
    "[link=x", "\u202e\u2066", "\U000e0041", "\ud800", "```", "~~~~", "<!--", "\r\n", "\r", "\u2028",
    "\u200b" * 50, "\u0301" * 300, "漢" * 40, "&#27;[31m", "&#x9b;", "[x](javascript:alert(1))",
    "[x](http://a\x1b.b)", "<http://x\x07>", "[" * 400, "*" * 400, "`" * 200, "|" * 300, "> " * 60,
    "- " * 60, "1. " * 40, "##########", "\\" * 99, "~" * 198, "\x0b\x0c\x1c\x85",
)  # fmt: skip

markdown = st.lists(st.sampled_from(FRAGMENTS), max_size=30).map("\n".join)
hostile = st.lists(
    st.one_of(st.sampled_from(HOSTILE), st.sampled_from(FRAGMENTS), st.text(max_size=20), st.just("\n")),
    max_size=40,
).map("".join)
widths = st.integers(4, 100)


def cut(text: str, places: list[int]) -> list[str]:
    """Return ``text`` in chunks, cut at ``places`` modulo its length."""
    marks = sorted({place % (len(text) + 1) for place in places} | {0, len(text)})
    return [text[start:end] for start, end in pairwise(marks)]


places = st.lists(st.integers(0, 10_000), max_size=12)


def read(chunks: list[str], width: int, *, eagerly: bool = True) -> Document:
    """Return a document that got ``chunks``, worked on after each when ``eagerly``."""
    document = Document(width)
    document.begin_answer()
    for chunk in chunks:
        document.append(chunk, "text")
        if eagerly:
            document.work(0)
    document.end_answer()
    settle(document)
    return document


def settle(document: Document) -> None:
    while document.work(FOREVER):
        pass


def shown(document: Document) -> list[object]:
    """Return what is shown, links by address instead of by index."""

    def of(line: Line) -> object:
        spans = [
            (text, look.role, look.marks, "" if look.link == NO_LINK else document.links[look.link])
            for text, look in line.spans
        ]
        return spans, line.gutter, line.join, line.fill

    return [of(line) for line in document.rows.lines()]


def texts(document: Document) -> list[str]:
    return [line.text for line in document.rows.lines()]
