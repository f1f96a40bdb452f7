"""Maths by its structure: notation, and stories with quantities that end in a question about one."""

from __future__ import annotations

import re
from collections.abc import Sequence

from smallchat.routing.sentences import OPENING, Sentence, find_late_question
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
_RATIO = re.compile(r"\d+/\d+")
_CALCULATION = 18  # words and marks
_SEQUENCE = 4  # numbers in a row
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
        late = not sentence.verbs and find_late_question(sentence, words) is not None
        asks = sought or late or sentence.has("ask", "quantity") is not None
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


def find_calculation(sentences: Sequence[Sentence], words: Words, marks: int) -> tuple[int, int] | None:
    """Return the place of a prompt that is a calculation: short, mostly quantities and what to do to them.

    ``15% of 80?``, ``sqrt of 1764``, ``5 miles in km``, ``next: 2, 6, 12, 20``. Numbers alone are names and
    ratings as often: ``iphone 15 vs 16``, ``24/7``.
    """
    texts = words.texts
    if not texts or len(texts) > _CALCULATION:
        return None
    hits = [hit for one in sentences for hit in one.hits]
    numbers = sum(one.numbers for one in sentences)
    functions, operators, measures = (
        sum(name in hit.names("sign") for hit in hits) for name in ("calculation", "operator", "measure")
    )
    percents, bare = texts.count("%"), sum(_RATIO.fullmatch(text) is not None for text in texts)
    enough = (
        (numbers and (marks > bare or measures >= 2))
        or (functions and any(text[0].isdigit() for text in texts))
        or (numbers >= 2 and (percents or operators))
        or numbers >= _SEQUENCE
    )
    common = {i for hit in hits if ("word", "common") in hit.senses for i in range(hit.first, hit.last)}
    telling = sum(text[0].isalnum() and i not in common for i, text in enumerate(texts))
    counted = numbers + functions + operators + measures + percents + marks - bare
    return (words.starts[0], words.ends[-1]) if enough and 2 * counted >= telling - bool(functions) else None


def _count_relations(sentence: Sentence, words: Words) -> int:
    senses = (sense for hit in sentence.hits for sense in hit.senses)
    count = sum(sense in _RELATIONS for sense in senses)
    count += words.texts[sentence.first] in _QUANTIFIERS
    return count + sum(words.texts[i] in _AMOUNTS for i in range(sentence.first, sentence.last))
