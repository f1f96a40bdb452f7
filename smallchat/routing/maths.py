"""Maths by its structure: notation, and stories with quantities that end in a question about one."""

from __future__ import annotations

import re
from collections.abc import Sequence

from smallchat.routing.sentences import OPENING, Sentence
from smallchat.routing.words import Words

_NOTATION = re.compile(
    r"\\(?:frac|sqrt|int|sum|prod|lim|log|cdot|times|leq?|geq?|pi|theta|alpha|begin|left|text|angle|binom|pmod"
    r"|mathbb|overline|triangle|boxed|infty)\b"
    r"|\$(?=[^$\n]{0,200}[\\^_=+<>(]|-?\w{1,3}\$)[^$\n]{1,400}\$"
    r"|\b[\w)]{1,12}\s?\^\s?[\w({-]"
    r"|[\w)]\s?[=≠<>≤≥≡]\s?-?[\w(\\√]{1,12}(?=[\s,.;?)+*/^-]|$)"
    r"|\d\s?[+*×·÷/]\s?\d|\d \- \d|\d[a-z]\b\s?[+-]\s?\d|\b\d{0,3}[xyzn]\s?[+\-*/=]\s?\d"
    r"|[∫∑∏√∀∃∈⊂⇒∧∨¬∞∂≈]|[²³]|\b[fgh]\([a-z0-9]\)|\b\d+!"
)
_HINT = re.compile(r"[\\$^=<>≠≤≥≡+*×·÷/²³∫∑∏√∀∃∈⊂⇒∧∨¬∞∂≈!]|\b[fgh]\(|\d - \d")
_DATE = re.compile(r"\d{4}-\d\d|\d{1,2}/\d{1,2}/\d{2,4}|https?://")
_MOST_MARKS = 99
_STORY_SENTENCES = 12
_SHORT_STORY = 500  # characters; in a longer text numbers may be anything
_RELATIONS = (("sign", "puzzle"), ("sign", "condition"), ("noun", "maths"))
_QUANTIFIERS = frozenset({"all", "some", "no", "every", "most", "none"})
_AMOUNTS = frozenset("%$€£¥")


def find_marks(text: str) -> list[tuple[int, int]]:
    """Return where ``text`` has mathematical notation."""
    marks: list[tuple[int, int]] = []
    if _HINT.search(text) is None:
        return marks
    for found in _NOTATION.finditer(text):
        if _DATE.match(text, max(0, found.start() - 4)) is None:
            marks.append(found.span())
        if len(marks) >= _MOST_MARKS:
            break
    return marks


def find_story(sentences: Sequence[Sentence], words: Words) -> Sentence | None:
    """Return the question of a word problem or puzzle: quantities and relations told, then one asked for.

    A prompt that only asks how much of something there is, is a question of fact.
    """
    numbers = relations = told = 0
    for sentence in sentences[-_STORY_SENTENCES:]:
        numbers += sentence.numbers
        relations += _count_relations(sentence, words)
        sought = any(verb.name in ("find", "compute") and verb.position == OPENING for verb in sentence.verbs)
        asks = sought or sentence.has("ask", "quantity") is not None
        told_about = sentence.has("noun", "summary", "label") is not None
        if asks or (not told_about and ("?" in sentence.mark or "？" in sentence.mark)):
            if sentence.has("noun", "source", "language"):
                return None
            follows = sentence is not sentences[-1]
            if asks and numbers and numbers + relations >= (2 if told else 3):
                return sentence
            if asks and told and relations >= 2:
                return sentence
            if told and numbers >= 3 and not follows and words.ends[-1] < _SHORT_STORY:
                return sentence
            if relations and numbers >= 3 and sentence.size > 12:
                return sentence
            if told and relations and (numbers >= 2 or relations >= 3 or (told >= 2 and relations >= 2)):
                return sentence
        elif sentence.numbers or _count_relations(sentence, words):
            told += 1
    return None


def _count_relations(sentence: Sentence, words: Words) -> int:
    senses = (sense for hit in sentence.hits for sense in hit.senses)
    count = sum(sense in _RELATIONS for sense in senses)
    count += words.texts[sentence.first] in _QUANTIFIERS
    return count + sum(words.texts[i] in _AMOUNTS for i in range(sentence.first, sentence.last))
