"""What verbs ask for."""

from __future__ import annotations

from collections.abc import Iterator

from smallchat.routing.evidence import Evidence, Reading
from smallchat.routing.meanings import MEANINGS, Meaning
from smallchat.routing.objects import find_object
from smallchat.routing.sentences import OPENING, Sentence, Verb
from smallchat.routing.vocabulary import Hit

_READS = ("find", "make", "tell", "extract", "count", "return", "continue", "say")
_TOLD = ("tell", "say", "find", "return")
_LABELS = ("find", "make", "reason", "review", "write", "return")
_TEXTS = ("read", "text", "passage", "context", "article", "paragraph", "document")
_INTO = ("into", "under", "by")
_OWNERS = frozenset({"my", "our", "this", "his", "her", "their"})
_WRITTEN = frozenset({"prose", "email", "summary", "code"})


def read_request(verb: Verb, sentence: Sentence, reading: Reading) -> Iterator[Evidence]:
    """Return what ``verb`` tells, with its object and the other words of its sentence."""
    head, near = find_object(verb, sentence, reading.words)
    labels = verb.name in _LABELS and sentence.has("noun", "label") is not None
    if (
        verb.name in _READS
        and not labels
        and (place := sentence.has("noun", "source") or sentence.has("sign", "within"))
    ):
        if verb.name == "make" and sentence.has("sign", "creative"):
            return
        entity = sentence.has("noun", "entity")
        if entity is not None and not _makes_prose(head):
            yield Evidence("extract", "extract", 3.0, verb.hit.start, entity.end)
            return
        taken = (
            verb.name in ("find", "return") and reading.has_word(sentence, "from") and sentence.mark in ":："
        )
        if (verb.name in _TOLD and sentence.has("noun", "source") and head is None) or (
            taken and sentence.mark
        ):
            yield Evidence("extract", "extract", 2.0, verb.hit.start, place.end)
            return
    if (
        verb.name == "answer"
        and reading.has_source
        and any(reading.has_word(sentence, word) for word in _TEXTS)
    ):
        yield Evidence("extract", "extract", 2.5, verb.hit.start, verb.hit.end)
        return
    if (
        verb.name == "convert"
        and not reading.layout.code
        and any(hit.names("format") for hit in sentence.hits)
    ):
        yield Evidence("extract", "convert", 3.0, verb.hit.start, verb.hit.end)
        return
    if verb.name == "compute" and not reading.maths and (tool := sentence.has("noun", "language")):
        yield Evidence("code", "implement", 2.5, tool.start, verb.hit.end)
        return
    source = sentence.has("noun", "source")
    if verb.name == "shrink" and source is not None:
        yield Evidence("summarise", "summarise", 3.0, verb.hit.start, max(verb.hit.end, source.end))
        return
    named = sentence.has("noun", "language")
    if named and verb.name in ("find", "return") and head is None and not reading.has_source:
        yield Evidence("code", "implement", 2.0, verb.hit.start, named.end)
        return
    if verb.name == "decide" and _asks_which(verb, sentence, reading):
        yield Evidence("lookup", "lookup", 1.5, verb.hit.start, verb.hit.end)
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


def _asks_which(verb: Verb, sentence: Sentence, reading: Reading) -> bool:
    """Return whether ``verb`` is ``tell me which`` without anything to choose from."""
    offered = sentence.mark in (":", "：") or reading.has_word(sentence, "or")
    return (
        reading.words.texts[verb.hit.last - 1] == "which"
        and not offered
        and not sentence.has("noun", "source", "label")
        and not sentence.has("sign", "alternative")
    )


def _read_labels(verb: Verb, head: Hit | None, sentence: Sentence, reading: Reading) -> Iterator[Evidence]:
    """Return what tells that labels are to be assigned."""
    label = sentence.has("noun", "label")
    if label and verb.name in _LABELS and (head is None or sentence.has("noun", "source")):
        yield Evidence("classify", "classify", 2.5, verb.hit.start, max(label.end, verb.hit.end))
    built = sentence.has("noun", "tech", "code", "language") is not None
    sorts = verb.name == "count" and not built and any(reading.has_word(sentence, word) for word in _INTO)
    if sorts or (verb.name == "find" and sentence.has("sign", "alternative")):
        yield Evidence("classify", "classify", 2.0, verb.hit.start, verb.hit.end)


def _find_meaning(
    verb: Verb, head: Hit | None, sentence: Sentence, reading: Reading
) -> tuple[Meaning | None, bool]:
    """Return what ``verb`` means here, and whether its object tells."""
    meanings = MEANINGS[verb.name]
    known = [name for name in (head.names("noun") if head else ()) if name in meanings]
    if verb.name in ("edit", "review", "fix") and head is not None and "summary" in known:
        owned = not _OWNERS.isdisjoint(reading.words.texts[max(0, head.first - 2) : head.first])
        known = [] if owned else known
        if owned:
            return ("writing", "edit", 3.0), True
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


def _makes_prose(head: Hit | None) -> bool:
    """Return whether ``head`` is something to write, and not also something to look for."""
    names = head.names("noun") if head is not None else ()
    return not _WRITTEN.isdisjoint(names) and "entity" not in names
