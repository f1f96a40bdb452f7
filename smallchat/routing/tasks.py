"""What a prompt asks for: evidence from verbs, their objects, questions and structure, and its sum."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from smallchat.routing.layout import Layout
from smallchat.routing.maths import find_story
from smallchat.routing.meanings import MEANINGS, Meaning, Task
from smallchat.routing.sentences import OPENING, Sentence, Verb
from smallchat.routing.vocabulary import Hit
from smallchat.routing.words import Words

ENOUGH = 1.0
"""The least evidence for a task; with less the prompt has none."""

_SOURCE_WORDS = 50  # a question beside so many words of prose is about them
_SOURCE_LEAST = 6  # words that may be the text that a question speaks of
_QUOTED = 0.6  # what follows a colon counts less than what comes before it
_OFFER = 10  # words of two answers to choose from
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


_OWN = frozenset({"my", "our", "mein", "meine", "meinem", "mi", "mon", "ma"})
_DIRECTIVE = frozenset(
    ("classify", "decide", "extract", "summarise", "translate", "edit", "write", "fix", "review", "reply")
)
_READS = ("find", "make", "tell", "extract", "count")


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
            found.append(_scaled(evidence, weight * (_QUOTED if sentence.after_colon else 1.0)))
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
        self.numbers = sum(one.numbers for one in sentences)
        self.has_source = any(one.has("noun", "source") for one in sentences[:_ZONE])
        self.shows_steps = any(one.has("sign", "steps_shown") for one in sentences)

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
    asked_for = any(verb.position == OPENING or verb.hit.unspaced for verb in sentence.verbs)
    if not asked_for or sentence.has("ask", "definition"):
        yield from _read_question(sentence, words, layout, maths, zone)
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


def _read_verb(
    verb: Verb, sentence: Sentence, words: Words, layout: Layout, maths: int
) -> Iterator[Evidence]:
    meanings = MEANINGS[verb.name]
    head, near = _find_object(verb, sentence, words)
    strength = 1.0 if verb.position == OPENING or verb.hit.unspaced else 0.85
    source = sentence.has("noun", "source")
    if verb.name in _READS and (within := source or sentence.has("sign", "within")):
        if verb.name == "make" and sentence.has("sign", "creative"):
            return
        entity = sentence.has("noun", "entity")
        if entity is not None and not _makes_prose(head):
            yield Evidence("extract", "extract", 3.0, verb.hit.start, entity.end)
            return
        if verb.name == "tell" and source is not None and head is None:
            yield Evidence("extract", "extract", 2.0, verb.hit.start, within.end)
            return
    label = sentence.has("noun", "label")
    if label and verb.name in ("find", "make", "reason", "review", "write") and (source or not head):
        yield Evidence("classify", "classify", 2.5, verb.hit.start, max(label.end, verb.hit.end))
    if verb.name == "find" and sentence.has("sign", "alternative"):
        yield Evidence("classify", "classify", 2.0, verb.hit.start, verb.hit.end)
    if verb.name == "count" and _has_word(sentence, words, "into"):
        yield Evidence("classify", "classify", 2.0, verb.hit.start, verb.hit.end)
    known = [name for name in (head.names("noun") if head else ()) if name in meanings]
    if "prose" in known and "code" in known:
        # A script is a program, unless something that is played or shown is named.
        shown = sentence.has("sign", "medium") is not None
        known = ["prose"] if shown else ["code"]
    if verb.name == "compute" and not maths and (tool := sentence.has("noun", "language")):
        yield Evidence("code", "implement", 2.5, tool.start, verb.hit.end)
        return
    if verb.name == "compute" and maths:
        known = ["maths"] if head is not None else []
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


def _find_owned(sentence: Sentence, words: Words) -> Hit | None:
    """Return a piece of technology that the user calls their own: a question about it is about trouble."""
    for hit in sentence.hits:
        owned = hit.first > sentence.first and words.texts[hit.first - 1] in _OWN
        if owned and not {"code", "language"}.isdisjoint(hit.names("noun")):
            return hit
    return None


def _has_word(sentence: Sentence, words: Words, word: str) -> bool:
    return word in words.texts[sentence.first : sentence.last]


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
        return _find_unspaced_object(verb, sentence, words, known)
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
    verb: Verb, sentence: Sentence, words: Words, known: dict[str, Meaning]
) -> tuple[Hit | None, bool]:
    nouns = [
        hit
        for hit in sentence.hits
        if any(name in known for name in hit.names("noun"))
        and not _is_negated(hit, sentence)
        and "，" not in words.texts[min(verb.hit.first, hit.first) : max(verb.hit.first, hit.first)]
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
    mine = sentence.has("noun", "mine") or _find_owned(sentence, words)
    source = sentence.has("noun", "source")
    around = zone.size - sentence.size
    if (defined := sentence.has("ask", "definition")) is not None:
        yield Evidence("lookup", "lookup", 3.2, defined.start, defined.end)
    elif layout.code or layout.traceback or layout.diff:
        yield Evidence("code", "explain", 2.5, start, end)
    elif mine:
        yield Evidence("code", "fix", 2.5, mine.start, mine.end)
    elif sentence.has("noun", "natural") and (wording := sentence.has("sign", "wording")):
        yield Evidence("translate", "translate", 3.0, wording.start, wording.end)
    elif sentence.has("ask", "howto") and (tool := sentence.has("noun", "language", "code")):
        yield Evidence("code", "implement", 1.8, start, tool.end)
        yield Evidence("lookup", "lookup", 1.2, start, end)
    elif (label := sentence.has("noun", "label")) and (source or sentence.mark in (":", "：")):
        yield Evidence("classify", "classify", 2.2, start, label.end)
    elif (summary := sentence.has("noun", "summary")) and (source or around >= _SOURCE_WORDS):
        yield Evidence("summarise", "summarise", 2.5, start, summary.end)
    elif alternative := _alternatives(sentence, words):
        yield Evidence("classify", "classify", 1.6, *alternative)
        yield Evidence("lookup", "lookup", 1.5, start, end)
    elif (source or (zone.has_source and opening)) and around >= _SOURCE_LEAST:
        yield Evidence("extract", "extract", 2.2, start, end)
    elif (topic := sentence.has("noun", "maths")) and (maths or zone.numbers):
        yield Evidence("reasoning", "compute", 2.2, start, topic.end)
    elif maths >= 2:
        yield Evidence("reasoning", "compute", 2.0, start, end)
    elif around >= _SOURCE_WORDS and opening is not None:
        yield Evidence("extract", "extract", 1.6, start, end)
        yield Evidence("lookup", "lookup", 0.8, start, end)
    elif zone.shows_steps and sentence.has("ask", "quantity"):
        yield Evidence("reasoning", "compute", 2.5, start, end)
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
    persona = next((hit for one in sentences if (hit := one.opens_with("sign", "persona"))), None)
    speaks = any(one.has("sign", "speech") or one.has("verb", "explain") for one in sentences)
    if persona is not None and speaks:
        yield Evidence("writing", "roleplay", 2.5, persona.start, persona.end)
    for question, answers in pairwise(sentences):
        offered = answers.size <= _OFFER and not answers.verbs and _has_word(answers, words, "or")
        if question.opens_with("ask", "fact") and question.mark.startswith("?") and offered:
            start, end = words.starts[answers.first], words.ends[answers.last - 1]
            yield Evidence("classify", "classify", 2.5, start, end)
    asked = any(sentence.verbs or "?" in sentence.mark for sentence in sentences)
    if layout.traceback:
        yield Evidence("code", "fix", 3.0, *layout.traceback)
    elif layout.diff:
        yield Evidence("code", "review", 2.5, *layout.diff)
    elif layout.code:
        yield Evidence("code", "implement", 1.0 if asked else 2.0, *layout.code[0])
    if not _is_directed(sentences) and (story := find_story(sentences, words)) is not None:
        yield Evidence("reasoning", "compute", 3.0, words.starts[story.first], words.ends[story.last - 1])
    elif maths and not layout.code:
        topics = sum(("noun", "maths") in hit.senses for one in sentences for hit in one.hits)
        yield Evidence(
            "reasoning", "compute", min(2.5, 0.5 * maths + 0.3 * topics), *_first_maths(sentences, words)
        )
    if mine := next((hit for one in sentences if (hit := one.has("noun", "mine"))), None):
        questioned = any("?" in one.mark for one in sentences)
        yield Evidence("code", "fix", 1.8 if questioned else 0.9, mine.start, mine.end)


def _is_directed(sentences: Sequence[Sentence]) -> bool:
    """Return whether the prompt says what to do with a text: the quantities told are then the text's."""
    return any(
        verb.position == OPENING and verb.name in _DIRECTIVE and not sentence.after_colon
        for sentence in sentences[:_ZONE]
        for verb in sentence.verbs
    )


def _first_maths(sentences: Sequence[Sentence], words: Words) -> tuple[int, int]:
    for sentence in sentences:
        if (hit := sentence.has("noun", "maths")) is not None:
            return hit.start, hit.end
    return (words.starts[0], words.ends[min(5, len(words.ends) - 1)]) if words.texts else (0, 0)
