"""Inline Markdown: emphasis, code, links, images of one run of text, as spans."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from smallchat.safe_text import safe_text
from smallchat.tui.widgets.transcript.lines import NO_LINK, Look, Mark, Span

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_SPECIAL = re.compile(r"[*_`\[\]<\\&~!\n]|://")
_WEB = re.compile(r"https?://[^\s\x00-\x20\x7f<>\"]+", re.IGNORECASE)
_BARE_URL = re.compile(r"https?://[^\s<>\"'`|\\^{}]*[^\s<>\"'`|\\^{}.,;:!?)\]*_]", re.IGNORECASE)
_LABEL = re.compile(r"\[([^\[\]]{1,200})\]")
_MARKS = {"strong": Mark.BOLD, "em": Mark.ITALIC, "s": Mark.STRIKE}
_MOST_BRACKETS = 300  # looking for a link's end is quadratic in these


class Links:
    """The web addresses a document refers to, by index: painted text carries the index, never the address.

    What is added after ``keep`` belongs to text still open, and goes with the next ``forget``.
    """

    def __init__(self) -> None:
        self._urls: list[str] = []
        self._index: dict[str, int] = {}
        self._kept = 0

    def keep(self) -> None:
        """Keep all addresses so far."""
        self._kept = len(self._urls)

    def forget(self) -> None:
        """Drop the addresses that are not kept."""
        for url in self._urls[self._kept :]:
            del self._index[url]
        del self._urls[self._kept :]

    def add(self, url: str) -> int:
        """Return the index of ``url``; ``NO_LINK`` unless it is a plain http or https address."""
        if not _WEB.fullmatch(url) or safe_text(url) != url or len(url) > 2000:
            return NO_LINK
        if url not in self._index:
            self._index[url] = len(self._urls)
            self._urls.append(url)
        return self._index[url]

    def __getitem__(self, index: int) -> str:
        return self._urls[index]

    def __len__(self) -> int:
        return len(self._urls)


def warm_inline() -> None:
    """Import and build what the first text would else wait for."""
    read_inline("*warm*", Look(), Links(), {})


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False}).enable("strikethrough")


def reference_labels(text: str) -> list[str]:
    """Return what may be labels of link references in ``text``."""
    return _LABEL.findall(text) if "[" in text else []


def normal_label(label: str) -> str:
    """Return a reference's label in the form ``references`` has it."""
    from markdown_it.common.utils import normalizeReference

    return normalizeReference(label)


def read_inline(text: str, base: Look, links: Links, references: Mapping[str, Any]) -> list[Span]:
    """Return ``text`` as spans on top of the look ``base``. Newlines in it stay newlines.

    Args:
        text: Markdown source of a paragraph, heading or cell.
        base: The look of plain text here.
        links: Where the web addresses found are kept.
        references: Link definitions as markdown-it keeps them: normalised label to ``{"href": ...}``.
    """
    if not _SPECIAL.search(text):
        return [(text, base)]
    if text.count("[") > _MOST_BRACKETS:
        return [(text, base)]
    parser = _parser()
    tokens: list[Token] = []
    parser.inline.parse(text, parser, {"references": references}, tokens)
    return _Walk(base, links).spans_of(tokens)


class _Walk:
    """One pass over markdown-it's inline tokens."""

    def __init__(self, base: Look, links: Links) -> None:
        self._base = base
        self._links = links
        self._spans: list[Span] = []
        self._open: list[int] = []
        self._link = NO_LINK
        self._elsewhere = ""

    def spans_of(self, tokens: Sequence[Token]) -> list[Span]:
        for token in tokens:
            kind = token.type
            if kind in ("text", "text_special"):
                self._add_text(token.content)
            elif kind in ("softbreak", "hardbreak"):
                self._spans.append(("\n", self._base))
            elif kind == "code_inline":
                self._spans.append((token.content.replace("\n", " "), self._look("code-inline")))
            elif kind == "link_open":
                self._open_link(str(token.attrs.get("href", "")))
            elif kind == "link_close":
                self._close_link()
            elif kind == "image":
                self._add_image(token)
            elif kind.endswith("_open"):
                self._open.append(_MARKS.get(token.tag, _MARKS["em"] if token.tag == "em" else Mark.PLAIN))
            elif kind.endswith("_close"):
                if self._open:
                    self._open.pop()
            else:
                self._add_text(token.content)
        return self._spans

    def _look(self, role: str | None = None) -> Look:
        marks = self._base.marks
        for mark in self._open:
            marks |= mark
        if self._link != NO_LINK:
            return Look("link" if role is None else role, marks | Mark.UNDERLINE, self._link)
        return Look(role or self._base.role, marks)

    def _add_text(self, text: str) -> None:
        look = self._look()
        if self._link != NO_LINK or "://" not in text:
            if text:
                self._spans.append((text, look))
            return
        done = 0
        for match in _BARE_URL.finditer(text):
            link = self._links.add(match[0])
            if link == NO_LINK:
                continue
            if match.start() > done:
                self._spans.append((text[done : match.start()], look))
            self._spans.append((match[0], Look("link", look.marks | Mark.UNDERLINE, link)))
            done = match.end()
        if done < len(text):
            self._spans.append((text[done:], look))

    def _open_link(self, url: str) -> None:
        self._link = self._links.add(url)
        self._elsewhere = url if self._link == NO_LINK else ""

    def _close_link(self) -> None:
        self._link = NO_LINK
        if self._elsewhere:
            # An address nobody can click on is shown, so that it hides nothing.
            self._spans.append((f" ({self._elsewhere})", self._look("faint")))
            self._elsewhere = ""

    def _add_image(self, token: Token) -> None:
        alt = "".join(child.content for child in token.children or ()) or token.content
        outer = self._link
        self._link = outer if outer != NO_LINK else self._links.add(str(token.attrs.get("src", "")))
        self._spans.append((f"[image: {alt}]" if alt else "[image]", self._look()))
        self._link = outer
