"""A text as words, each with its place."""

from __future__ import annotations

import re
from dataclasses import dataclass

UNSPACED = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
"""Kana, Han and Hangul, as ranges of a character class: a run of them holds several words."""

_WORD = re.compile(
    rf"[{UNSPACED}]+"
    rf"|[cf](?:\+\+|#)(?!\w)"
    rf"|[^\W{UNSPACED}]+(?:['’.\-/+][^\W{UNSPACED}]+)*"
    r"|\n+|[^\w\s]",
)
_RUN = re.compile(rf"[{UNSPACED}]")


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a text, casefolded, with punctuation marks and line ends as words of their own.

    Attributes:
        texts: The words.
        starts: The first character of each, in the text.
        ends: The character behind each.
        unspaced: Whether it is a run of Kana, Han or Hangul.
    """

    texts: list[str]
    starts: list[int]
    ends: list[int]
    unspaced: list[bool]


def split_words(text: str) -> Words:
    """Return the words of ``text``."""
    words = Words([], [], [], [])
    lowered = text.lower()
    # A few capitals grow when lowered, which would shift every place behind them.
    found = _WORD.finditer(lowered if len(lowered) == len(text) else text)
    for one in found:
        word = one[0]
        words.texts.append(word.replace("’", "'") if "’" in word else word)
        words.starts.append(one.start())
        words.ends.append(one.end())
        words.unspaced.append("\u3040" <= word[0] <= "\ud7af" and _RUN.match(word) is not None)
    return words
