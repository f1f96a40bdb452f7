"""What verbs ask for."""

from __future__ import annotations

from collections.abc import Iterator

from smallchat.routing.evidence import Evidence, Reading
from smallchat.routing.meanings import MEANINGS, Meaning
from smallchat.routing.objects import find_object
from smallchat.routing.sentences import OPENING, Sentence, Verb
from smallchat.routing.vocabulary import Hit

_READS = ("find", "make", "tell", "extract", "count")
_ELLIPSIS = 12  # words
_ASKED_FOR = ("prose", "email", "docs", "summary", "translation", "idea", "explanation")
_LABELS = ("find", "make", "reason", "review", "write")
_WRITTEN = frozenset({"prose", "email", "summary", "code"})


def read_request(verb: Verb, sentence: Sentence, reading: Reading) -> Iterator[Evidence]:
    """Return what ``verb`` tells, with its object and the other words of its sentence."""
    head, near = find_object(verb, sentence, reading.words)
    if verb.name in _READS and (source := sentence.has("noun", "source") or sentence.has("sign", "within")):
        if verb.name == "make" and sentence.has("sign", "creative"):
            return
        entity = sentence.has("noun", "entity")
        if entity is not None and not _makes_prose(head):
            yield Evidence("extract", "extract", 3.0, verb.hit.start, entity.end)
            return
        if verb.name == "tell" and sentence.has("noun", "source") and head is None:
            yield Evidence("extract", "extract", 2.0, verb.hit.start, source.end)
            return
    if verb.name == "compute" and not reading.maths and (tool := sentence.has("noun", "language")):
        yield Evidence("code", "implement", 2.5, tool.start, verb.hit.end)
        return
    yield from _read_labels(verb, head, sentence, reading)
    meaning, told_by_head = _find_meaning(verb, head, sentence, reading)
    if meaning is None:
        return
    task, intent, weight = meaning
    weight *= 1.0 if verb.position == OPENING or verb.hit.unspaced else 0.85
    start, end = verb.hit.start, verb.hit.end
    if told_by_head and head is not None:
        weight *= 1.0 if near else 0.7
        start, end = min(start, head.start), max(end, head.end)
    yield Evidence(task, intent, weight, start, end)


def _read_labels(verb: Verb, head: Hit | None, sentence: Sentence, reading: Reading) -> Iterator[Evidence]:
    """Return what tells that labels are to be assigned."""
    label = sentence.has("noun", "label")
    if label and verb.name in _LABELS and (head is None or sentence.has("noun", "source")):
        yield Evidence("classify", "classify", 2.5, verb.hit.start, max(label.end, verb.hit.end))
    sorts = verb.name == "count" and any(reading.has_word(sentence, word) for word in ("into", "under"))
    if sorts or (verb.name == "find" and sentence.has("sign", "alternative")):
        yield Evidence("classify", "classify", 2.0, verb.hit.start, verb.hit.end)


def _find_meaning(
    verb: Verb, head: Hit | None, sentence: Sentence, reading: Reading
) -> tuple[Meaning | None, bool]:
    """Return what ``verb`` means here, and whether its object tells."""
    meanings = MEANINGS[verb.name]
    known = [name for name in (head.names("noun") if head else ()) if name in meanings]
    if "prose" in known and "code" in known:
        # A script is a program, unless something that is played or shown is named.
        known = ["prose"] if sentence.has("sign", "medium") else ["code"]
    if verb.name == "compute" and reading.maths:
        known = ["maths"] if head is not None else []
    if known:
        return max((meanings[name] for name in known), key=lambda one: one[2]), True
    if reading.layout.code and "mine" in meanings:
        return meanings["mine"], False
    if reading.maths and "maths" in meanings:
        return meanings["maths"], False
    if "" not in meanings:
        return None, False
    task, intent, weight = meanings[""]
    if task == "code" and sentence.has("noun", "tech", "code", "language", "system"):
        weight += 1.0
    return (task, intent, weight), False


def read_ellipsis(sentence: Sentence, reading: Reading) -> Iterator[Evidence]:
    """Return what a few words without a verb tell, such as ``Spam or not?`` or ``A haiku on rust``."""
    if sentence.verbs or sentence.size > _ELLIPSIS or sentence.has("ask", "fact", "quantity", "howto"):
        return
    words = reading.words
    start, end = words.starts[sentence.first], words.ends[sentence.last - 1]
    if sentence.has("noun", "natural") and sentence.mark in (":", "："):
        yield Evidence("translate", "translate", 2.0, start, end)
        return
    if sentence.has("noun", "label") and "?" in sentence.mark:
        yield Evidence("classify", "classify", 2.0, start, end)
        return
    meanings = MEANINGS["make"]
    for hit in sentence.hits:
        if ("word", "stop") in hit.senses:
            break
        for name in hit.names("noun"):
            if name in _ASKED_FOR:
                task, intent, weight = meanings[name]
                yield Evidence(task, intent, weight * 0.7, hit.start, hit.end)
                return


def _makes_prose(head: Hit | None) -> bool:
    """Return whether ``head`` is something to write, and not also something to look for."""
    names = head.names("noun") if head is not None else ()
    return not _WRITTEN.isdisjoint(names) and "entity" not in names
