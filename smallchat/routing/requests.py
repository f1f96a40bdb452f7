"""What verbs ask for."""

from __future__ import annotations

from collections.abc import Iterator

from smallchat.routing.evidence import Evidence, Reading
from smallchat.routing.meanings import MEANINGS, Meaning, Task
from smallchat.routing.objects import find_object
from smallchat.routing.sentences import OPENING, Sentence, Verb
from smallchat.routing.vocabulary import Hit
from smallchat.routing.words import Words

_READS = ("find", "make", "tell", "extract", "count", "return", "continue", "say")
_ELLIPSIS = 24  # words
_ASKED_FOR = ("code", "language", "prose", "email", "docs", "summary", "translation", "idea", "explanation")
_TOLD = ("tell", "say", "find", "return")
_LABELS = ("find", "make", "reason", "review", "write", "return")
_FIELDS = 2  # names of fields before a text: they are to be read from it
_TEXTS = ("read", "text", "passage", "context", "article", "paragraph", "document")
_RENDERING = ("convert", "edit", "say", "make", "tell", "find", "return")
_COLONS = (":", "：")
_CUE = 3  # words that name what is to be filled in behind them, or the text that follows
_CUES: tuple[tuple[str, Task, str], ...] = (
    ("summary", "summarise", "summarise"),
    ("translation", "translate", "translate"),
    ("natural", "translate", "translate"),
    ("label", "classify", "classify"),
)
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


def read_ellipsis(sentence: Sentence, reading: Reading) -> Iterator[Evidence]:
    """Return what a few words without a verb tell, such as ``Spam or not?`` or ``A haiku on rust``."""
    words = reading.words
    if sentence.verbs or sentence.size > _ELLIPSIS:
        return
    asking = sentence.has("ask", "fact", "quantity", "howto")
    first = sentence is reading.sentences[0]
    if asking is not None and (
        not first or asking.unspaced or asking.first == sentence.first or words.texts[sentence.first] == "¿"
    ):
        return
    if not first and sentence.size > _ELLIPSIS // 2:
        return
    start, end = words.starts[sentence.first], words.ends[sentence.last - 1]
    tongue = sentence.has("noun", "natural")
    is_cue = sentence.mark in _COLONS or words.texts[sentence.last - 1] in _COLONS
    if sentence is reading.sentences[-1] and is_cue and sentence.size <= _CUE:
        yield from _read_cue(sentence)
        return
    if tongue and (sentence.mark in (":", "：") or _names_a_version(tongue, sentence, words)):
        yield Evidence("translate", "translate", 2.5, start, end)
        return
    if sentence.has("noun", "label") and ("?" in sentence.mark or sentence.mark in (":", "：")):
        yield Evidence("classify", "classify", 2.0, start, end)
        return
    fields = sum("entity" in hit.names("noun") for hit in sentence.hits)
    if fields >= _FIELDS and reading.size - sentence.size > _ELLIPSIS // 2:
        yield Evidence("extract", "extract", 2.2, start, end)
        return
    if (topic := sentence.has("ask", "topic")) is not None:
        yield Evidence("lookup", "lookup", 2.0, topic.start, topic.end)
        return
    if (creative := sentence.opens_with("sign", "creative")) or (
        (creative := sentence.has("sign", "creative")) and words.texts[sentence.first] in _SOMETHING
    ):
        yield Evidence("writing", "write", 2.0, creative.start, creative.end)
        return
    meanings = MEANINGS["make"]
    for hit in sentence.hits:
        if ("word", "stop") in hit.senses or "fact" in hit.names("ask"):
            break
        for name in hit.names("noun"):
            if name in ("code", "language") and not _heads_phrase(hit, sentence):
                continue
            if name in _WRITTEN and _is_name(hit, sentence, words):
                continue  # it names the text that follows
            if name in _ASKED_FOR:
                task, intent, weight = meanings[name]
                yield Evidence(task, intent, weight * 0.7, hit.start, hit.end)
                return


def read_tongue(sentence: Sentence, reading: Reading) -> Iterator[Evidence]:
    """Return what a language at the end of a sentence tells, such as ``Into French: …``."""
    tongue = sentence.has("noun", "natural")
    if (
        tongue is None
        or tongue.last < sentence.last - 1
        or any(v.name not in _RENDERING for v in sentence.verbs)
    ):
        return
    texts = reading.words.texts
    if tongue.first > sentence.first and not {"in", "into", "to"}.isdisjoint(
        texts[max(sentence.first, tongue.first - 2) : tongue.first]
    ):
        if texts[tongue.first] == "plain" or (
            sentence.verbs and sentence.has("noun", "prose", "email", "docs", "code", "summary")
        ):
            return
        yield Evidence("translate", "translate", 2.4, tongue.start, tongue.end)


def _is_name(noun: Hit, sentence: Sentence, words: Words) -> bool:
    """Return whether ``noun`` with a colon behind it names the text that follows: ``Message: …``."""
    return noun.first == sentence.first and words.texts[noun.last : noun.last + 1] in ([":"], ["："])


def _read_cue(sentence: Sentence) -> Iterator[Evidence]:
    """Return what the label of an answer tells that is left to be filled in: ``Summary:`` at the end."""
    for noun, task, intent in _CUES:
        if (hit := sentence.has("noun", noun)) is not None:
            yield Evidence(task, intent, 3.0, hit.start, hit.end)
            return


def _heads_phrase(noun: Hit, sentence: Sentence) -> bool:
    """Return whether more is said about ``noun`` behind it: ``Dockerfile for …``, ``a query that …``."""
    return any(0 <= hit.first - noun.last <= 1 and ("word", "stop") in hit.senses for hit in sentence.hits)


_SOMETHING = frozenset({"something", "anything", "a", "some"})


def _names_a_version(tongue: Hit, sentence: Sentence, words: Words) -> bool:
    """Return whether a wording in ``tongue`` is named: ``German for butterfly``."""
    behind = words.texts[tongue.last] if tongue.last < sentence.last else ""
    return tongue.first - sentence.first <= 1 and behind in ("for", "version", "word", "equivalent", "please")


def _makes_prose(head: Hit | None) -> bool:
    """Return whether ``head`` is something to write, and not also something to look for."""
    names = head.names("noun") if head is not None else ()
    return not _WRITTEN.isdisjoint(names) and "entity" not in names
