"""Syntax highlighting of code that grows line by line."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from smallchat.tui.widgets.transcript.lines import Look, Span
from smallchat.tui.widgets.transcript.parts import Part

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pygments.lexer import Lexer  # type: ignore[import-untyped]

CODE = Look("code")
_LONGEST = 1000  # characters of a line worth colouring
_DEEPEST = 50  # lexer states kept: hostile code can push without end
_WORD = re.compile(r"[\w+#.-]+")
_SLASH_STAR = frozenset({
    "C", "C++", "C#", "CSS", "Dart", "Go", "Java", "JavaScript", "JSX", "Kotlin", "Objective-C", "PHP",
    "Scala", "SCSS", "Swift", "TSX", "TypeScript",
})  # fmt: skip
_ROLES = (
    ("Comment", "code-comment"),
    ("Keyword.Type", "code-type"),
    ("Keyword", "code-keyword"),
    ("Operator.Word", "code-keyword"),
    ("Literal.String", "code-string"),
    ("Literal.Number", "code-number"),
    ("Name.Function", "code-function"),
    ("Name.Class", "code-type"),
    ("Name.Decorator", "code-function"),
    ("Name.Tag", "code-keyword"),
    ("Name.Attribute", "code-function"),
    ("Name.Builtin", "code-type"),
    ("Generic.Deleted", "code-deleted"),
    ("Generic.Inserted", "code-inserted"),
    ("Generic.Heading", "code-keyword"),
    ("Generic.Subheading", "code-keyword"),
)


@lru_cache(maxsize=64)
def _lexer(language: str) -> Lexer | None:
    """Return the lexer for a fence's language; ``None`` when there is none."""
    from pygments.lexers import get_lexer_by_name  # type: ignore[import-untyped]
    from pygments.util import ClassNotFound  # type: ignore[import-untyped]

    try:
        return get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except (ClassNotFound, ImportError):
        return None


@lru_cache(maxsize=512)
def _look_of(token: Any) -> Look:
    name = str(token).removeprefix("Token.")
    return next((Look(role) for prefix, role in _ROLES if name.startswith(prefix)), CODE)


def warm_highlighting() -> None:
    """Import the highlighter and the languages most often met."""
    for language in ("python", "javascript", "bash", "json"):
        Highlighter(language).read("x = 1")


def language_of(info: str) -> str:
    """Return the language a fence's info string names, in lower case."""
    match = _WORD.match(info)
    return match[0].lower() if match else ""


def _unclosed_comment(line: str) -> int:
    """Return where a block comment opens that does not close on this line; -1 when none does."""
    start = line.rfind("/*")
    if start < 0 or "*/" in line[start + 2 :] or "//" in line[:start]:
        return -1
    quoted = any(line.count(quote, 0, start) % 2 for quote in "\"'`")
    return -1 if quoted else start


class Highlighter:
    """Colours one line after the other; what it knows of the lines before is the lexer's stack of states.

    A block is therefore never lexed again. Lexers that read a block comment in one go would lose it at the
    line's end, so that for languages with ``/* */`` this one fact is kept beside the stack.
    """

    __slots__ = ("_commented", "_lexer", "_slashes", "_stack")

    def __init__(self, language: str) -> None:
        self._lexer = _lexer(language) if language else None
        self._slashes = self._lexer is not None and self._lexer.name in _SLASH_STAR
        self._stack: tuple[str, ...] = ("root",)
        self._commented = False

    def fork(self) -> Highlighter:
        """Return a copy that can read on without any effect on this one."""
        twin = object.__new__(Highlighter)
        for name in self.__slots__:
            setattr(twin, name, getattr(self, name))
        return twin

    def read(self, line: str) -> list[Span]:
        """Return the next line of the block as spans."""
        if self._lexer is None or len(line) > _LONGEST:
            return [(line, CODE)]
        spans: list[Span] = []
        start = 0
        if self._commented:
            end = line.find("*/")
            if end < 0:
                return [(line, Look("code-comment"))]
            start = end + 2
            spans.append((line[:start], Look("code-comment")))
            self._commented = False
        try:
            spans += self._lex(line[start:])
        except Exception:  # a lexer's fault, on text a model made up, must not cost more than the colours
            self._lexer = None
            return [(line, CODE)]
        return spans

    def _lex(self, line: str) -> list[Span]:
        comment = ""
        if self._slashes and (cut := _unclosed_comment(line)) >= 0:
            self._commented = True
            line, comment = line[:cut], line[cut:]
        spans = [(text.replace("\n", ""), _look_of(token)) for token, text in self._tokens(line + "\n")]
        return [*spans, (comment, Look("code-comment"))] if comment else spans

    def _tokens(self, line: str) -> Iterator[tuple[Any, str]]:
        from pygments.lexer import (
            ExtendedRegexLexer,
            LexerContext,
            RegexLexer,
        )

        lexer = self._lexer
        if not isinstance(lexer, RegexLexer):
            assert lexer is not None
            for _, token, text in lexer.get_tokens_unprocessed(line):
                yield token, text
            return
        # The extended lexer's loop, unlike the plain one's, leaves the stack of states behind.
        context = LexerContext(line, 0, stack=list(self._stack))
        for _, token, text in ExtendedRegexLexer.get_tokens_unprocessed(lexer, context=context):
            yield token, text
        self._stack = tuple(context.stack[-_DEEPEST:]) or ("root",)


class CodeLines:
    """The lines of one block as they were coloured, each once."""

    __slots__ = ("_highlighter", "_lines")

    def __init__(self, info: str) -> None:
        self._highlighter = Highlighter(language_of(info))
        self._lines: list[list[Span]] = []

    def line(self, index: int, part: Part) -> list[Span]:
        """Return the spans of line ``index``, which is ``part``; lines are first asked for in their order."""
        if index == len(self._lines):
            text = part.text.expandtabs(4)
            self._lines.append([(text, CODE)] if part.glued else self._highlighter.read(text))
        return self._lines[index]

    def fork(self) -> CodeLines:
        """Return a copy that can go on without any effect on this one."""
        twin = object.__new__(CodeLines)
        twin._highlighter = self._highlighter.fork()
        twin._lines = self._lines.copy()
        return twin
