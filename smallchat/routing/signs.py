"""What a prompt says about the answer besides its task: format, constraints, speed, safety."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from smallchat.routing.sentences import Sentence
from smallchat.routing.vocabulary import Hit
from smallchat.routing.words import Words

Format = Literal["json", "yaml", "xml", "csv", "table", "markdown", "schema"]
FORMATS: tuple[Format, ...] = get_args(Format)

_LONG = 500  # words; constraints inside a longer text are its own
_ENDS = 6  # sentences
_LEAD = 3  # words between "as" or "in" and the format
_MAKING = ("write", "make", "convert", "build", "find", "extract", "classify", "summarise", "translate")
_FLAGS = {"bulk": "batch", "tool": "tools"}
_PLAIN = ("ui", "speed", "accuracy", "safety", "template", "research")


@dataclass(frozen=True, slots=True)
class Signs:
    """What was found.

    Attributes:
        format: The output format asked for.
        format_hit: Where.
        constraints: Where the conditions are that the answer must meet, each once.
        steps: Where words order or condition parts of the work.
        flags: The first words that told each of the other facts.
    """

    format: Format | None
    format_hit: Hit | None
    constraints: tuple[Hit, ...]
    steps: tuple[Hit, ...]
    flags: dict[str, Hit]

    def found(self) -> Iterator[tuple[str, Hit]]:
        """Return each fact with the words that told it."""
        if self.format_hit is not None:
            yield "format", self.format_hit
        yield from (("constraints", hit) for hit in self.constraints)
        yield from (("steps", hit) for hit in self.steps)
        yield from self.flags.items()


def read_signs(sentences: Sequence[Sentence], words: Words, task: str | None) -> Signs:
    """Return what ``sentences`` say about the answer.

    Args:
        sentences: The sentences of the prompt's wording.
        words: Its words.
        task: What it asks for: in a problem of arithmetic, "more than" limits no answer.
    """
    if len(words.texts) > _LONG and len(sentences) > 2 * _ENDS:
        sentences = [*sentences[:_ENDS], *sentences[-_ENDS:]]
    wanted, format_hit = _find_format(sentences, words, task)
    constraints: dict[str, Hit] = {}
    steps: dict[str, Hit] = {}
    flags: dict[str, Hit] = {}
    for sentence in sentences:
        for hit in sentence.hits:
            names = hit.names("sign")
            if not names and not hit.names("word"):
                continue
            text = " ".join(words.texts[hit.first : hit.last])
            if "constraint" in names or ("limit" in names and task != "reasoning"):
                constraints.setdefault(text, hit)
            if "unit" in names and task != "reasoning" and _counts(hit, words):
                constraints.setdefault(f"# {text}", hit)
            if ("step" in names or "condition" in names) and task != "reasoning":
                steps.setdefault(f"{text} {len(steps) if 'condition' in names else ''}", hit)
            for name in names:
                if name in _PLAIN or name in _FLAGS:
                    flags.setdefault(_FLAGS.get(name, name), hit)
    return Signs(wanted, format_hit, tuple(constraints.values()), tuple(steps.values()), flags)


def _counts(unit: Hit, words: Words) -> bool:
    """Return whether a number stands before ``unit``: ``300 words``, ``three short sentences``."""
    if unit.unspaced:
        return False
    return any(
        text[0].isdigit() or text in _NUMBERS for text in words.texts[max(0, unit.first - 2) : unit.first]
    )


_NUMBERS = frozenset(
    [
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "twelve",
        "twenty",
        "fifty",
        "hundred",
        "single",
        "zwei",
        "drei",
        "vier",
        "fünf",
        "zehn",
        "dos",
        "tres",
        "cuatro",
        "cinco",
        "diez",
        "deux",
        "trois",
        "quatre",
        "cinq",
        "dix",
    ]
)


def _find_format(
    sentences: Sequence[Sentence], words: Words, task: str | None
) -> tuple[Format | None, Hit | None]:
    found: tuple[Format | None, Hit | None] = (None, None)
    for sentence in sentences:
        for hit in sentence.hits:
            names = [name for name in FORMATS if ("format", name) in hit.senses]
            if names and _is_wanted(hit, sentence, words, task):
                # What is asked for last holds: convert this CSV in JSON to YAML.
                found = names[0], hit
    return found


def _is_wanted(hit: Hit, sentence: Sentence, words: Words, task: str | None) -> bool:
    """Return whether the answer is to have this format, rather than the prompt be about it."""
    before = range(max(sentence.first, hit.first - _LEAD), hit.first)
    lead = follows = negated = False
    for other in sentence.hits:
        place = {name for kind, name in other.senses if kind == "word"}
        if other.first in before or (hit.unspaced and other.unspaced and abs(other.start - hit.end) < 8):
            lead = lead or "format_lead" in place
        if 0 <= hit.first - other.last <= 3 and "negation" in place:
            negated = True
        if ("verb", "answer") in other.senses and 0 <= hit.first - other.last <= 2:
            lead = True
        follows = follows or ("format_tail" in place and 0 <= other.first - hit.last <= 1)
    if negated:
        return False
    if lead:
        return True
    if task == "code":
        return False
    return follows or any(
        verb.name in _MAKING
        and 0 <= hit.first - verb.hit.last <= 3
        and not _is_given(verb.hit, hit, sentence, words)
        for verb in sentence.verbs
    )


def _is_given(verb: Hit, hit: Hit, sentence: Sentence, words: Words) -> bool:
    between = words.texts[verb.last : hit.first]
    return any(
        word in ("this", "the", "following", "from", "these", "my", "about", "diese", "esta")
        for word in between
    )
