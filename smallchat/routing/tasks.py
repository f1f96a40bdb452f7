"""What a prompt asks for: evidence from requests, questions and structure, and its sum."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from smallchat.routing.ellipses import read_ellipsis, read_tongue
from smallchat.routing.evidence import ZONE, Evidence, Reading
from smallchat.routing.layout import Layout
from smallchat.routing.maths import find_calculation, find_story
from smallchat.routing.meanings import Task
from smallchat.routing.objects import is_negated
from smallchat.routing.questions import find_owned, read_question
from smallchat.routing.requests import read_request
from smallchat.routing.sentences import OPENING, Sentence
from smallchat.routing.words import Words

_STATEMENT = 80  # words
_TYPES = frozenset(
    {"string", "strings", "array", "arrays", "integers", "nums", "tuple", "tuples", "dictionary", "substring"}
)
_RETURNS = frozenset({"return", "print", "returns"})
_OPTIONS = 3  # lettered answers; fewer may be anything
_OFFER = 16  # words of answers to choose from

ENOUGH = 1.0
"""The least evidence for a task; with less the prompt has none."""

_DIRECTIVE = frozenset(
    (
        "classify",
        "decide",
        "extract",
        "summarise",
        "translate",
        "edit",
        "write",
        "fix",
        "review",
        "reply",
        "convert",
        "outline",
    )
)


def find_evidence(reading: Reading) -> list[Evidence]:
    """Return all evidence on what a prompt asks for, weighted by where it stands."""
    found = [
        evidence.times(reading.weight(i))
        for i, sentence in enumerate(reading.sentences)
        for evidence in _read_sentence(sentence, reading)
    ]
    return [*found, *_read_whole(reading)]


def choose_task(evidence: Sequence[Evidence]) -> Evidence | None:
    """Return the strongest evidence of the likeliest task, or ``None`` when there is not enough for any.

    Further evidence for a task counts half: long texts have many words.
    """
    best: dict[Task, list[Evidence]] = {}
    for one in evidence:
        best.setdefault(one.task, []).append(one)
    if not best:
        return None

    def total(task: Task) -> float:
        strongest, *rest = sorted((one.weight for one in best[task]), reverse=True)
        return strongest + min(1.0, sum(rest) / 2)

    task = max(best, key=total)
    if total(task) < ENOUGH:
        return None
    return max(best[task], key=lambda one: one.weight)


def _read_sentence(sentence: Sentence, reading: Reading) -> Iterator[Evidence]:
    for verb in sentence.verbs:
        if not is_negated(verb.hit, sentence):
            yield from read_request(verb, sentence, reading)
    if sentence in (reading.sentences[0], reading.sentences[-1]) and not sentence.after_colon:
        yield from read_ellipsis(sentence, reading)
        yield from read_tongue(sentence, reading)
    asked_for = any(verb.position == OPENING or verb.hit.unspaced for verb in sentence.verbs)
    if not asked_for or sentence.has("ask", "definition"):
        yield from read_question(sentence, reading)
    tool = sentence.has("noun", "language", "code")
    if tool and (trouble := sentence.has("sign", "trouble")):
        yield Evidence("code", "fix", 2.0, min(tool.start, trouble.start), max(tool.end, trouble.end))
    if (signed := sentence.has("sign", "steps_shown")) is not None:
        yield Evidence("reasoning", "compute", 1.5, signed.start, signed.end)
    if (creative := sentence.has("sign", "creative")) is not None and sentence.verbs:
        changes = sentence.has("verb", "make") is not None and sentence.has("noun", "source") is not None
        changes = changes or any(verb.name == "explain" for verb in sentence.verbs)
        yield Evidence("writing", "edit", 3.0 if changes else 0.8, creative.start, creative.end)
    if (persona := sentence.has("sign", "persona")) and (speech := sentence.has("sign", "speech")):
        yield Evidence(
            "writing", "roleplay", 2.2, min(persona.start, speech.start), max(persona.end, speech.end)
        )


def _read_whole(reading: Reading) -> Iterator[Evidence]:
    """Return what only shows over several sentences, or beside them."""
    sentences, words, layout, maths = reading.sentences, reading.words, reading.layout, reading.maths
    if layout.options >= _OPTIONS:
        last = len(words.ends) - 1
        counted = (
            maths or any(one.has("noun", "maths") for one in sentences) or reading.numbers > layout.options
        )
        task: Task = "reasoning" if counted else "lookup"
        yield Evidence(
            task, "compute" if counted else "lookup", 2.2, words.starts[0], words.ends[min(5, last)]
        )
    if layout.identifiers and not layout.code:
        yield Evidence("code", "fix", 1.6, *layout.identifiers[0])
    if (returned := _find_returned(sentences, words)) is not None:
        yield Evidence("code", "implement", 3.2, *returned)
    if (offered := _find_offer(sentences, words)) is not None:
        yield Evidence("classify", "classify", 2.4, *offered)
    if (named := next((hit for one in sentences if (hit := one.has("sign", "acting"))), None)) is not None:
        yield Evidence("writing", "roleplay", 3.5, named.start, named.end)
    persona = next((hit for one in sentences if (hit := one.opens_with("sign", "persona"))), None)
    speaks = any(one.has("sign", "speech") or one.has("verb", "explain", "tell") for one in sentences)
    if persona is not None:
        yield Evidence("writing", "roleplay", 2.5 if speaks else 1.1, persona.start, persona.end)
    asked = any(sentence.verbs or "?" in sentence.mark for sentence in sentences)
    if layout.traceback:
        yield Evidence("code", "fix", 3.0, *layout.traceback)
    elif layout.diff:
        yield Evidence("code", "review", 2.5, *layout.diff)
    elif layout.code:
        yield Evidence("code", "implement", 1.0 if asked else 2.0, *layout.code[0])
    if not _carries(layout) and (sum_ := find_calculation(sentences, words, maths)) is not None:
        yield Evidence("reasoning", "compute", 2.6, *sum_)
    if not _is_directed(sentences) and (story := find_story(sentences, words)) is not None:
        yield Evidence("reasoning", "compute", 3.0, words.starts[story.first], words.ends[story.last - 1])
    elif maths and not layout.code:
        topics = sum(("noun", "maths") in hit.senses for one in sentences for hit in one.hits)
        yield Evidence(
            "reasoning", "compute", min(2.5, 0.5 * maths + 0.3 * topics), *_first_maths(sentences, words)
        )
    if mine := next((hit for one in sentences if (hit := find_owned(one, words))), None):
        questioned = any("?" in one.mark for one in sentences)
        yield Evidence("code", "fix", 1.8 if questioned else 0.9, mine.start, mine.end)


def _carries(layout: Layout) -> bool:
    """Return whether a prompt carries code, data or something else that numbers may belong to."""
    return bool(layout.code or layout.traceback or layout.diff or layout.data or layout.fences)


def _find_returned(sentences: Sequence[Sentence], words: Words) -> tuple[int, int] | None:
    """Return the place of a type in a statement of an algorithm: ``Given an array of …, return …``."""
    typed = next((i for i, text in enumerate(words.texts[:_STATEMENT]) if text in _TYPES), None)
    returns = any(words.texts[v.hit.first] in _RETURNS for one in sentences for v in one.verbs)
    if typed is None or not returns or any(one.has("noun", "source") for one in sentences[:ZONE]):
        return None
    return words.starts[typed], words.ends[typed]


def _find_offer(sentences: Sequence[Sentence], words: Words) -> tuple[int, int] | None:
    """Return the place of answers to choose from: ``Happy, sad or scared?``, or ``Which …? Tope or rope``."""
    for i, sentence in enumerate(sentences[:ZONE]):
        texts = words.texts[sentence.first : sentence.last]
        if sentence.verbs or "or" not in texts[-4:] or sentence.size > _OFFER:
            continue
        place = words.starts[sentence.first], words.ends[sentence.last - 1]
        question = sentences[i - 1] if i else None
        if (
            question is not None
            and "?" in question.mark
            and question.has("ask", "fact")
            and "?" not in sentence.mark
        ):
            return place
        asks = any(sentence.opens_with("ask", name) for name in ("fact", "quantity", "howto"))
        if not asks and "?" in sentence.mark and len(texts) <= _OFFER // 2:
            return place
    return None


def _is_directed(sentences: Sequence[Sentence]) -> bool:
    """Return whether the prompt says what to do with a text: the quantities told are then the text's."""
    return any(
        (verb.name == "make" and sentence.has("noun", "summary") is not None)
        or (verb.position == OPENING and verb.name in _DIRECTIVE and not sentence.after_colon)
        for sentence in (*sentences[:ZONE], *sentences[ZONE:][-2:])
        for verb in sentence.verbs
    )


def _first_maths(sentences: Sequence[Sentence], words: Words) -> tuple[int, int]:
    for sentence in sentences:
        if (hit := sentence.has("noun", "maths")) is not None:
            return hit.start, hit.end
    return (words.starts[0], words.ends[min(5, len(words.ends) - 1)]) if words.texts else (0, 0)
