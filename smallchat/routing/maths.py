"""Maths by its structure: notation, and stories with quantities that end in a question about one."""

from __future__ import annotations

import re
from collections.abc import Sequence

from smallchat.routing.sentences import Sentence

_NOTATION = re.compile(
    r"\\(?:frac|sqrt|int|sum|prod|lim|log|cdot|times|leq?|geq?|pi|theta|alpha|begin|left|text|angle|binom|pmod"
    r"|mathbb|overline|triangle|boxed|infty)\b"
    r"|\$(?=[^$\n]{0,200}[\\^_=+<>(]|-?\w{1,3}\$)[^$\n]{1,400}\$"
    r"|\b[\w)]{1,12}\s?\^\s?[\w({-]"
    r"|[\w)]\s?[=≠<>≤≥≡]\s?-?[\w(\\√]{1,12}(?=[\s,.;?)+*/^-]|$)"
    r"|\d\s?[+*×·÷/]\s?\d|\d \- \d|\d[a-z]\b\s?[+-]\s?\d|\b\d{0,3}[xyzn]\s?[+\-*/=]\s?\d"
    r"|[∫∑∏√∀∃∈⊂⇒∧∨¬∞∂≈]|[²³]|\b[fgh]\([a-z0-9]\)|\b\d+!"
)
_DATE = re.compile(r"\d{4}-\d\d|\d{1,2}/\d{1,2}/\d{2,4}|https?://")
_MOST_MARKS = 99
_STORY_SENTENCES = 12


def find_marks(text: str) -> list[tuple[int, int]]:
    """Return where ``text`` has mathematical notation."""
    marks = []
    for found in _NOTATION.finditer(text):
        if _DATE.match(text, max(0, found.start() - 4)) is None:
            marks.append(found.span())
        if len(marks) >= _MOST_MARKS:
            break
    return marks


def find_story(sentences: Sequence[Sentence]) -> Sentence | None:
    """Return the question of a word problem: quantities told, then one asked for.

    Two numbers and a relation between quantities must come before or in the question; a prompt that only
    asks how much of something there is, is a question of fact.
    """
    told, relations = 0, 0
    for sentence in sentences[-_STORY_SENTENCES:]:
        asks = sentence.has("ask", "quantity")
        if (asks or "?" in sentence.mark) and told + sentence.numbers >= 2:
            related = relations + _relations(sentence)
            if (asks and (related or told >= 2)) or (related >= 2 and told >= 2):
                return sentence
        told += sentence.numbers
        relations += _relations(sentence)
    return None


def _relations(sentence: Sentence) -> int:
    return sum(
        ("sign", "puzzle") in hit.senses or ("sign", "condition") in hit.senses for hit in sentence.hits
    )
