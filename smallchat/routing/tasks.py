"""What a prompt asks for: evidence from verbs, their objects, questions and structure, and its sum."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from smallchat.routing.layout import Layout
from smallchat.routing.maths import find_story
from smallchat.routing.meanings import MEANINGS, Meaning, Task
from smallchat.routing.sentences import OPENING, Sentence, Verb
from smallchat.routing.vocabulary import Hit
from smallchat.routing.words import Words

ENOUGH = 1.0
"""The least evidence for a task; with less the prompt has none."""

_SOURCE_WORDS = 40  # a question below so many words of prose is about them
_SHORT_WORDS = 60
_ZONE = 3  # sentences at either end of a longer text that hold the instruction


@dataclass(frozen=True, slots=True)
class Evidence:
    """A reason to think that a prompt asks for ``task``.

    Attributes:
        task: The task.
        intent: What kind of it.
        weight: How telling it is; 1 is just enough.
        start: Where it is, in the window's text.
        end: The character behind it.
    """

    task: Task
    intent: str
    weight: float
    start: int
    end: int


_READS = ("find", "make", "extract", "count")


def find_evidence(sentences: Sequence[Sentence], words: Words, layout: Layout, maths: int) -> list[Evidence]:
    """Return all evidence on what a prompt asks for, weighted by where it stands.

    Args:
        sentences: The sentences of the prompt's wording.
        words: Its words.
        layout: What else the prompt carries.
        maths: Marks of mathematical notation.
    """
    zone = _Zone(sentences, words)
    found: list[Evidence] = []
    for i, sentence in enumerate(sentences):
        weight = zone.weight(i)
        for evidence in _read_sentence(sentence, words, layout, maths, zone):
            found.append(_scaled(evidence, weight))
    return [*found, *_read_whole(sentences, words, layout, maths)]


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


class _Zone:
    """Where the instruction stands: everywhere in a short prompt, at the ends of a long one."""

    def __init__(self, sentences: Sequence[Sentence], words: Words) -> None:
        self.size = len(words.texts)
        self.short = self.size <= _SHORT_WORDS
        self.count = len(sentences)
        self.first_verb = next((i for i, one in enumerate(sentences) if one.verbs), 0)
        self.last_paragraph = sentences[-1].paragraph if sentences else 0

    def weight(self, i: int) -> float:
        if i == self.first_verb and i < _ZONE:
            return 1.25
        if self.short:
            return 0.8
        if i < _ZONE:
            return 0.8
        return 0.9 if i >= self.count - 2 else 0.2


def _scaled(one: Evidence, factor: float) -> Evidence:
    return Evidence(one.task, one.intent, one.weight * factor, one.start, one.end)


def _read_sentence(
    sentence: Sentence, words: Words, layout: Layout, maths: int, zone: _Zone
) -> Iterator[Evidence]:
    for verb in sentence.verbs:
        if not _is_negated(verb.hit, sentence):
            yield from _read_verb(verb, sentence, words, layout, maths)
    if not any(verb.position == OPENING or verb.hit.unspaced for verb in sentence.verbs):
        yield from _read_question(sentence, words, layout, maths, zone)
    if (signed := sentence.has("sign", "steps_shown")) is not None:
        yield Evidence("reasoning", "compute", 1.0, signed.start, signed.end)
    if (creative := sentence.has("sign", "creative")) is not None and sentence.verbs:
        yield Evidence("writing", "edit", 0.8, creative.start, creative.end)
    if (persona := sentence.has("sign", "persona")) and (speech := sentence.has("sign", "speech")):
        yield Evidence(
            "writing", "roleplay", 2.2, min(persona.start, speech.start), max(persona.end, speech.end)
        )


def _read_verb(
    verb: Verb, sentence: Sentence, words: Words, layout: Layout, maths: int
) -> Iterator[Evidence]:
    meanings = MEANINGS[verb.name]
    head, near = _find_object(verb, sentence, words)
    strength = 1.0 if verb.position == OPENING or verb.hit.unspaced else 0.85
    source = sentence.has("noun", "source")
    if (
        source
        and verb.name in _READS
        and (entity := sentence.has("noun", "entity"))
        and not _makes_prose(head)
    ):
        yield Evidence("extract", "extract", 3.0, verb.hit.start, entity.end)
        return
    label = sentence.has("noun", "label")
    if label and verb.name in ("find", "make", "reason", "review", "write") and (source or not head):
        yield Evidence("classify", "classify", 2.5, verb.hit.start, max(label.end, verb.hit.end))
    if verb.name == "find" and sentence.has("sign", "alternative"):
        yield Evidence("classify", "classify", 2.0, verb.hit.start, verb.hit.end)
    known = [name for name in (head.names("noun") if head else ()) if name in meanings]
    if known:
        task, intent, weight = max((meanings[name] for name in known), key=lambda one: one[2])
        weight *= 1.0 if near else 0.7
        assert head is not None
        yield Evidence(
            task, intent, weight * strength, min(verb.hit.start, head.start), max(head.end, verb.hit.end)
        )
    elif layout.code and "mine" in meanings:
        task, intent, weight = meanings["mine"]
        yield Evidence(task, intent, weight * strength, verb.hit.start, verb.hit.end)
    elif maths and "maths" in meanings:
        task, intent, weight = meanings["maths"]
        yield Evidence(task, intent, weight * strength, verb.hit.start, verb.hit.end)
    elif "" in meanings:
        task, intent, weight = meanings[""]
        if task == "code" and sentence.has("noun", "tech", "code", "language", "system"):
            weight += 1.0
        yield Evidence(task, intent, weight * strength, verb.hit.start, verb.hit.end)


def _makes_prose(head: Hit | None) -> bool:
    return (
        head is not None
        and bool({"prose", "email", "summary", "code"} & {*head.names("noun")})
        and "entity" not in head.names("noun")
    )


def _find_object(verb: Verb, sentence: Sentence, words: Words) -> tuple[Hit | None, bool]:
    """Return what ``verb`` asks to make or work on, and whether it stands in the noun phrase behind the verb.

    The head of a phrase is its last noun: a password generator is code, a poem about code is none.
    """
    known = MEANINGS[verb.name]
    if verb.hit.unspaced:
        return _find_unspaced_object(verb, sentence, known)
    head: Hit | None = None
    near = True
    for hit in sentence.hits:
        if hit.first < verb.hit.last or hit.unspaced:
            continue
        if head is None and near and any(text in ",:(" for text in words.texts[verb.hit.last : hit.first]):
            near = False
        if ("word", "stop") in hit.senses:
            if head is not None:
                break
            near = near and hit.first - verb.hit.last <= 1
        elif any(name in known for name in hit.names("noun")) and not _is_negated(hit, sentence):
            if head is not None and (not near or hit.first - head.last > 1):
                break
            head = hit
    return head, near


def _find_unspaced_object(
    verb: Verb, sentence: Sentence, known: dict[str, Meaning]
) -> tuple[Hit | None, bool]:
    nouns = [
        hit
        for hit in sentence.hits
        if any(name in known for name in hit.names("noun")) and not _is_negated(hit, sentence)
    ]
    # Loan words are modifiers more often than not: 用 Python 写一首诗.
    own = [hit for hit in nouns if hit.unspaced]
    found = own or nouns
    return (found[-1] if found else None), True


def _is_negated(hit: Hit, sentence: Sentence) -> bool:
    return any(
        ("word", "negation") in one.senses and 0 <= hit.first - one.last <= 2 and one.end <= hit.start
        for one in sentence.hits
    )


def _read_question(
    sentence: Sentence, words: Words, layout: Layout, maths: int, zone: _Zone
) -> Iterator[Evidence]:
    opening = (
        sentence.opens_with("ask", "fact")
        or sentence.opens_with("ask", "quantity")
        or sentence.opens_with("ask", "howto")
    )
    asks = "?" in sentence.mark or "？" in sentence.mark
    if not asks and opening is None:
        return
    if not asks and sentence.size > _SHORT_WORDS:
        return
    hit = opening or (sentence.hits[0] if sentence.hits else None)
    start, end = (hit.start, hit.end) if hit else (words.starts[sentence.first], words.ends[sentence.first])
    mine = sentence.has("noun", "mine")
    if layout.code or layout.traceback or layout.diff:
        yield Evidence("code", "explain", 2.5, start, end)
    elif mine:
        yield Evidence("code", "fix", 2.5, mine.start, mine.end)
    elif sentence.has("ask", "howto") and (tool := sentence.has("noun", "language", "code")):
        yield Evidence("code", "implement", 1.8, start, tool.end)
        yield Evidence("lookup", "lookup", 1.2, start, end)
    elif (label := sentence.has("noun", "label")) and sentence.has("noun", "source"):
        yield Evidence("classify", "classify", 2.2, start, label.end)
    elif alternative := _alternatives(sentence, words):
        yield Evidence("classify", "classify", 1.6, *alternative)
        yield Evidence("lookup", "lookup", 1.5, start, end)
    elif maths >= 2 or (maths and sentence.has("noun", "maths")):
        yield Evidence("reasoning", "compute", 2.0, start, end)
    elif (summary := sentence.has("noun", "summary")) and sentence.has("noun", "source"):
        yield Evidence("summarise", "summarise", 2.5, start, summary.end)
    elif zone.size - sentence.size >= _SOURCE_WORDS * 1.3 and opening is not None:
        yield Evidence("extract", "extract", 1.6, start, end)
        yield Evidence("lookup", "lookup", 0.8, start, end)
    else:
        yield Evidence("lookup", "lookup", 1.6 if opening else 1.0, start, end)


def _alternatives(sentence: Sentence, words: Words) -> tuple[int, int] | None:
    """Return the place of a choice between two answers: the end of ``Is it X or Y?``."""
    if (hit := sentence.has("sign", "alternative")) is not None:
        return hit.start, hit.end
    opening = words.texts[sentence.first]
    if opening in ("is", "are", "which", "does", "do", "was", "were") and sentence.size <= 30:
        for i in range(max(sentence.first, sentence.last - 5), sentence.last):
            if words.texts[i] == "or":
                return words.starts[i], words.ends[i]
    return None


def _read_whole(
    sentences: Sequence[Sentence], words: Words, layout: Layout, maths: int
) -> Iterator[Evidence]:
    asked = any(sentence.verbs or "?" in sentence.mark for sentence in sentences)
    if layout.traceback:
        yield Evidence("code", "fix", 3.0, *layout.traceback)
    elif layout.diff:
        yield Evidence("code", "review", 2.5, *layout.diff)
    elif layout.code:
        yield Evidence("code", "implement", 1.0 if asked else 2.0, *layout.code[0])
    if (story := find_story(sentences)) is not None:
        yield Evidence("reasoning", "compute", 3.0, words.starts[story.first], words.ends[story.last - 1])
    elif maths and not layout.code:
        topics = sum(("noun", "maths") in hit.senses for one in sentences for hit in one.hits)
        yield Evidence(
            "reasoning", "compute", min(2.5, 0.5 * maths + 0.3 * topics), *_first_maths(sentences, words)
        )
    if mine := next((hit for one in sentences if (hit := one.has("noun", "mine"))), None):
        yield Evidence("code", "fix", 0.9, mine.start, mine.end)


def _first_maths(sentences: Sequence[Sentence], words: Words) -> tuple[int, int]:
    for sentence in sentences:
        if (hit := sentence.has("noun", "maths")) is not None:
            return hit.start, hit.end
    return (words.starts[0], words.ends[min(5, len(words.ends) - 1)]) if words.texts else (0, 0)
