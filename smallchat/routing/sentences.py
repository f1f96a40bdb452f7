"""The wording of a prompt as sentences, each with what the vocabulary found in it."""

from __future__ import annotations

from dataclasses import dataclass, field

from smallchat.routing.vocabulary import Hit
from smallchat.routing.words import Words

OPENING, FOLLOWING, INSIDE = 2, 1, 0
"""Where a verb stands: at the start of a sentence, of a clause in it, or in the middle of one."""

_ENDS = frozenset(".!?;。！？；…")
_BRIEF = 12  # a line of so few words is a heading or an item, and its line end ends it


@dataclass(frozen=True, slots=True)
class Verb:
    """What a sentence asks for, by its verb.

    Attributes:
        hit: The verb.
        name: Its name in the vocabulary.
        position: ``OPENING``, ``FOLLOWING`` or ``INSIDE``.
    """

    hit: Hit
    name: str
    position: int


@dataclass(slots=True)
class Sentence:
    """A sentence: words from ``first`` up to ``last``.

    Attributes:
        first: Its first word, by index.
        last: The word behind it.
        paragraph: Which paragraph it is in.
        mark: The mark that ends it; empty for none.
        hits: What the vocabulary found in it.
        verbs: Its verbs that may be requests.
        numbers: How many numbers it has, in figures or words.
    """

    first: int
    last: int
    paragraph: int
    mark: str
    hits: list[Hit] = field(default_factory=list)
    verbs: list[Verb] = field(default_factory=list)
    numbers: int = 0

    @property
    def size(self) -> int:
        """Its words, punctuation included."""
        return self.last - self.first

    def has(self, table: str, *names: str) -> Hit | None:
        """Return the first hit that means one of ``names``."""
        for hit in self.hits:
            for kind, name in hit.senses:
                if kind == table and name in names:
                    return hit
        return None

    def opens_with(self, table: str, name: str) -> Hit | None:
        """Return the hit that means ``name`` when the sentence begins with it, a word of politeness aside."""
        hit = self.has(table, name)
        return hit if hit is not None and (hit.first - self.first <= 2 or hit.unspaced) else None


def split_sentences(words: Words, hits: list[Hit]) -> list[Sentence]:
    """Return the sentences of ``words`` with their ``hits``, verbs and numbers."""
    sentences = _cut(words)
    at = 0
    for sentence in sentences:
        while at < len(hits) and hits[at].first < sentence.last:
            sentence.hits.append(hits[at])
            at += 1
        _find_verbs(sentence, words)
        sentence.numbers = sum(
            words.texts[i][0].isdigit() for i in range(sentence.first, sentence.last) if words.texts[i]
        ) + sum(bool(hit.names("word")) and ("word", "number") in hit.senses for hit in sentence.hits)
    return sentences


def _cut(words: Words) -> list[Sentence]:
    sentences: list[Sentence] = []
    texts, first, paragraph = words.texts, 0, 0
    for i, text in enumerate(texts):
        ends = text in _ENDS
        breaks = text[0] == "\n" and (len(text) > 1 or i - first <= _BRIEF or texts[i - 1] == ":")
        if not ends and not breaks:
            continue
        if i > first:
            sentences.append(Sentence(first, i, paragraph, text if ends else ""))
        elif ends and sentences:
            sentences[-1].mark += text
        first = i + 1
        paragraph += text[0] == "\n" and len(text) > 1
    if first < len(texts):
        sentences.append(Sentence(first, len(texts), paragraph, ""))
    return sentences


def _find_verbs(sentence: Sentence, words: Words) -> None:
    """Find the verbs of ``sentence`` that stand where requests do, politeness before them skipped."""
    starting = {hit.first: hit for hit in sentence.hits if not hit.unspaced}
    position, i = OPENING, sentence.first
    while i < sentence.last:
        text, hit = words.texts[i], starting.get(i)
        if hit is not None and not _is_label(words, hit):
            _add_verb(sentence, hit, position)
        if text == ":":
            position = OPENING
        elif text == "," or (hit and ("word", "connector") in hit.senses):
            position = FOLLOWING if position != OPENING else OPENING
        elif text in "\"'*#->_()\n" or (hit and ("word", "preamble") in hit.senses) or text.endswith("ly"):
            pass
        else:
            position = INSIDE
        i = hit.last if hit is not None else i + 1
    for hit in sentence.hits:
        if hit.unspaced:
            _add_verb(sentence, hit, INSIDE)


def _add_verb(sentence: Sentence, hit: Hit, position: int) -> None:
    if position != INSIDE:
        sentence.verbs += [Verb(hit, name, position) for name in hit.names("verb")]
    sentence.verbs += [Verb(hit, name, FOLLOWING) for name in hit.names("request")]


def _is_label(words: Words, hit: Hit) -> bool:
    """Return whether a colon follows, as in ``Review: …``: the name of a field, not a request."""
    return hit.last < len(words.texts) and words.texts[hit.last] == ":" and hit.last - hit.first == 1
