"""What questions ask for."""

from __future__ import annotations

from collections.abc import Iterator

from smallchat.routing.evidence import SHORT_WORDS, Evidence, Reading
from smallchat.routing.sentences import Sentence, find_late_question
from smallchat.routing.vocabulary import Hit
from smallchat.routing.words import Words

_SOURCE_WORDS = 50  # a question beside so many words of prose is about them
_SOURCE_LEAST = 6  # words that may be the text that a question speaks of
_CHOICE_WORDS = 30
_CHOOSING = frozenset({"is", "are", "which", "does", "do", "was", "were", "would", "what"})
_QUANTIFIERS = frozenset({"all", "some", "no", "every", "none", "must"})
_TECH = frozenset({"tech", "code", "language"})
_TECHNICAL = 2  # technical terms in a question that make it one about code
_SYLLOGISM = 3  # quantifiers in a question
_COPULAS = frozenset({"is", "are", "was", "were"})
_LEAST_PASTE = 12  # words of a paragraph that a question beside it is about
_OWN = frozenset({"my", "our", "mein", "meine", "meinem", "mi", "mon", "ma"})


def read_question(sentence: Sentence, reading: Reading) -> Iterator[Evidence]:
    """Return what ``sentence`` tells as a question; nothing when it is none."""
    words, layout = reading.words, reading.layout
    opening = (
        sentence.opens_with("ask", "fact")
        or sentence.opens_with("ask", "quantity")
        or sentence.opens_with("ask", "howto")
        or (None if sentence.verbs else find_late_question(sentence, words))
    )
    asks = "?" in sentence.mark or "？" in sentence.mark
    if not asks and opening is None:
        return
    if not asks and sentence.size > SHORT_WORDS:
        return
    hit = opening or (sentence.hits[0] if sentence.hits else None)
    start, end = (hit.start, hit.end) if hit else (words.starts[sentence.first], words.ends[sentence.first])
    mine = find_owned(sentence, words)
    source = sentence.has("noun", "source")
    around = reading.size - sentence.size
    if (defined := sentence.has("ask", "definition")) is not None:
        yield Evidence("lookup", "lookup", 3.2, defined.start, defined.end)
    elif layout.code or layout.traceback or layout.diff or layout.identifiers:
        yield Evidence("code", "explain", 2.5, start, end)
    elif mine:
        yield Evidence("code", "fix", 2.5, mine.start, mine.end)
    elif sentence.has("noun", "natural") and (wording := sentence.has("sign", "wording")):
        yield Evidence("translate", "translate", 3.0, wording.start, wording.end)
    elif sentence.has("ask", "howto") and (tool := sentence.has("noun", "language", "code")):
        yield Evidence("code", "implement", 1.8, start, tool.end)
        yield Evidence("lookup", "lookup", 1.2, start, end)
    elif sentence.has("ask", "howto") and _count_tech(sentence) >= _TECHNICAL:
        yield Evidence("code", "implement", 2.0, start, end)
    elif sentence.has("noun", "entity") and (within := sentence.has("sign", "within")):
        yield Evidence("extract", "extract", 2.2, start, within.end)
    elif (label := sentence.has("noun", "label")) and (source or sentence.mark in (":", "：")):
        yield Evidence("classify", "classify", 2.2, start, label.end)
    elif (summary := sentence.has("noun", "summary")) and (source or around >= _LEAST_PASTE):
        yield Evidence("summarise", "summarise", 2.5, start, summary.end)
    elif source and sentence.mark == "?" and words.texts[sentence.last - 1] == "about":
        yield Evidence("summarise", "summarise", 2.5, start, source.end)
    elif source and words.texts[sentence.first] in _COPULAS and source.first - sentence.first <= 1:
        yield Evidence("classify", "classify", 2.4, start, source.end)
    elif _count_quantifiers(sentence, words) >= _SYLLOGISM:
        yield Evidence("reasoning", "compute", 2.5, start, end)
    elif alternative := _alternatives(sentence, words):
        yield Evidence("classify", "classify", 1.6, *alternative)
        yield Evidence("lookup", "lookup", 1.5, start, end)
    elif (source or (reading.has_source and opening)) and around >= _SOURCE_LEAST:
        yield Evidence("extract", "extract", 2.2, start, end)
    elif (topic := sentence.has("noun", "maths")) and (reading.maths or reading.numbers):
        yield Evidence("reasoning", "compute", 2.2, start, topic.end)
    elif reading.maths >= 2:
        yield Evidence("reasoning", "compute", 2.0, start, end)
    elif around >= _SOURCE_WORDS and opening is not None:
        yield Evidence("extract", "extract", 1.6, start, end)
        yield Evidence("lookup", "lookup", 0.8, start, end)
    elif opening is not None and _precedes_text(sentence, reading):
        yield Evidence("extract", "extract", 2.2, start, end)
    elif reading.shows_steps and sentence.has("ask", "quantity"):
        yield Evidence("reasoning", "compute", 2.5, start, end)
    else:
        yield Evidence("lookup", "lookup", 1.6 if opening else 1.0, start, end)


def _count_tech(sentence: Sentence) -> int:
    return sum(not _TECH.isdisjoint(hit.names("noun")) for hit in sentence.hits)


def _count_quantifiers(sentence: Sentence, words: Words) -> int:
    return sum(text in _QUANTIFIERS for text in words.texts[sentence.first : sentence.last])


def _precedes_text(sentence: Sentence, reading: Reading) -> bool:
    """Return whether plain text follows ``sentence`` in paragraphs of its own: the answer is in it."""
    behind = [one for one in reading.sentences if one.paragraph > sentence.paragraph]
    size = sum(one.size for one in behind)
    return size >= _LEAST_PASTE and not reading.options and all("?" not in one.mark for one in behind)


def find_owned(sentence: Sentence, words: Words) -> Hit | None:
    """Return a piece of technology that the user calls their own: a question about it is about trouble."""
    if (mine := sentence.has("noun", "mine")) is not None:
        return mine
    for hit in sentence.hits:
        before = words.texts[max(sentence.first, hit.first - 2) : hit.first]
        if not _OWN.isdisjoint(before) and not {"code", "language"}.isdisjoint(hit.names("noun")):
            return hit
    return None


def _alternatives(sentence: Sentence, words: Words) -> tuple[int, int] | None:
    """Return the place of a choice between two answers: the end of ``Is it X or Y?``."""
    if (hit := sentence.has("sign", "alternative")) is not None:
        return hit.start, hit.end
    texts = words.texts
    for i in range(sentence.first + 3, sentence.last):
        if texts[i] == "or" and texts[sentence.first] in _CHOOSING and "," in texts[i - 3 : i]:
            return words.starts[i], words.ends[i]
    opening = words.texts[sentence.first]
    if opening in _CHOOSING and sentence.size <= _CHOICE_WORDS:
        for i in range(max(sentence.first, sentence.last - 5), sentence.last):
            if words.texts[i] == "or":
                return words.starts[i], words.ends[i]
    return None
