"""What a few words without a verb ask for, and names of languages and fields that stand alone."""

from __future__ import annotations

from collections.abc import Iterator

from smallchat.routing.evidence import Evidence, Reading
from smallchat.routing.meanings import MEANINGS, Task
from smallchat.routing.sentences import Sentence
from smallchat.routing.vocabulary import Hit
from smallchat.routing.words import Words

_LONGEST = 24  # words, at the start of a prompt; half of that at its end
_ASKED_FOR = ("code", "language", "prose", "email", "docs", "summary", "translation", "idea", "explanation")
_WRITTEN = ("prose", "email", "docs")
_FIELDS = 2  # names of fields before a text: they are to be read from it
_RENDERING = ("convert", "edit", "say", "make", "tell", "find", "return")
_COLONS = (":", "：")
_CUE = 3  # words that name what is to be filled in behind them
_CUES: tuple[tuple[str, Task, str], ...] = (
    ("summary", "summarise", "summarise"),
    ("translation", "translate", "translate"),
    ("natural", "translate", "translate"),
    ("label", "classify", "classify"),
)
_SOMETHING = frozenset({"something", "anything", "a", "some"})


def read_ellipsis(sentence: Sentence, reading: Reading) -> Iterator[Evidence]:
    """Return what a few words without a verb tell, such as ``Spam or not?`` or ``A haiku on rust``."""
    words = reading.words
    if not _is_verbless(sentence, reading):
        return
    start, end = words.starts[sentence.first], words.ends[sentence.last - 1]
    named = sentence.mark in _COLONS or words.texts[sentence.last - 1] in _COLONS
    tongue, tool = sentence.has("noun", "natural"), sentence.has("noun", "language")
    if sentence is reading.sentences[-1] and named and sentence.size <= _CUE:
        yield from _read_cue(sentence)
    elif tool and _is_name(tool, sentence, words):
        yield Evidence("code", "implement", 2.5, tool.start, tool.end)
    elif tongue and (sentence.mark in _COLONS or _names_a_version(tongue, sentence, words)):
        yield Evidence("translate", "translate", 2.5, start, end)
    elif sentence.has("noun", "label") and ("?" in sentence.mark or sentence.mark in _COLONS):
        yield Evidence("classify", "classify", 2.0, start, end)
    elif _count_fields(sentence) >= _FIELDS and reading.size - sentence.size > _LONGEST // 2:
        yield Evidence("extract", "extract", 2.2, start, end)
    elif sentence.has("noun", "entity") and (within := sentence.has("sign", "within")):
        yield Evidence("extract", "extract", 2.2, start, within.end)
    elif (topic := sentence.has("ask", "topic")) is not None:
        yield Evidence("lookup", "lookup", 2.0, topic.start, topic.end)
    elif (creative := sentence.has("sign", "creative")) and (
        creative.first == sentence.first or words.texts[sentence.first] in _SOMETHING
    ):
        yield Evidence("writing", "write", 2.0, creative.start, creative.end)
    else:
        yield from _read_head(sentence, words)


def read_tongue(sentence: Sentence, reading: Reading) -> Iterator[Evidence]:
    """Return what a language at the end of a sentence tells, such as ``Into French: …``."""
    tongue = sentence.has("noun", "natural")
    if tongue is None or tongue.last < sentence.last - 1:
        return
    texts = reading.words.texts
    before = texts[max(sentence.first, tongue.first - 2) : tongue.first]
    if texts[tongue.first] == "plain" or {"in", "into", "to"}.isdisjoint(before):
        return
    if any(verb.name not in _RENDERING for verb in sentence.verbs):
        return
    if sentence.verbs and sentence.has("noun", *_WRITTEN, "code", "summary"):
        return
    yield Evidence("translate", "translate", 2.4, tongue.start, tongue.end)


def _is_verbless(sentence: Sentence, reading: Reading) -> bool:
    """Return whether ``sentence`` is short and neither a request nor a question by its first word."""
    first = sentence is reading.sentences[0]
    if sentence.verbs or sentence.size > (_LONGEST if first else _LONGEST // 2):
        return False
    asking = sentence.has("ask", "fact", "quantity", "howto")
    if asking is None:
        return True
    opens = asking.first == sentence.first or reading.words.texts[sentence.first] == "¿"
    return first and not asking.unspaced and not opens


def _read_cue(sentence: Sentence) -> Iterator[Evidence]:
    """Return what the label of an answer tells that is left to be filled in: ``Summary:`` at the end."""
    for noun, task, intent in _CUES:
        if (hit := sentence.has("noun", noun)) is not None:
            yield Evidence(task, intent, 3.0, hit.start, hit.end)
            return


def _read_head(sentence: Sentence, words: Words) -> Iterator[Evidence]:
    """Return what the first thing named tells, unless a finite verb comes before it."""
    meanings = MEANINGS["make"]
    for hit in sentence.hits:
        if ("word", "stop") in hit.senses or "fact" in hit.names("ask"):
            return
        for name in hit.names("noun"):
            if name in ("code", "language") and not _heads_phrase(hit, sentence, words):
                continue
            if name in _ASKED_FOR and not (name in _WRITTEN and _is_name(hit, sentence, words)):
                task, intent, weight = meanings[name]
                yield Evidence(task, intent, weight * 0.7, hit.start, hit.end)
                return


def _count_fields(sentence: Sentence) -> int:
    return sum("entity" in hit.names("noun") for hit in sentence.hits)


def _is_name(noun: Hit, sentence: Sentence, words: Words) -> bool:
    """Return whether ``noun`` with a colon behind it names the text that follows: ``Message: …``."""
    behind = words.texts[noun.last] if noun.last < len(words.texts) else ""
    return noun.first == sentence.first and behind in _COLONS


def _heads_phrase(noun: Hit, sentence: Sentence, words: Words) -> bool:
    """Return whether more is said about ``noun`` behind it: ``Dockerfile for …``, ``a query that …``.

    A comma behind the first thing named does as well: ``sql query, all customers``.
    """
    if noun.first - sentence.first <= 1 and words.texts[noun.last : noun.last + 1] == [","]:
        return "code" in noun.names("noun") and noun.last < sentence.last
    return any(0 <= hit.first - noun.last <= 1 and ("word", "stop") in hit.senses for hit in sentence.hits)


def _names_a_version(tongue: Hit, sentence: Sentence, words: Words) -> bool:
    """Return whether a wording in ``tongue`` is named: ``German for butterfly``."""
    behind = words.texts[tongue.last] if tongue.last < sentence.last else ""
    before = [text for text in words.texts[sentence.first : tongue.first] if text[0].isalnum()]
    return len(before) <= 1 and behind in ("for", "version", "word", "equivalent", "please")
