"""The wording of a prompt as sentences, each with what the vocabulary found in it."""

from __future__ import annotations

from dataclasses import dataclass, field

from smallchat.routing.vocabulary import Hit
from smallchat.routing.words import Words

OPENING, FOLLOWING, INSIDE = 2, 1, 0
"""Where a verb stands: at the start of a sentence, of a clause in it, or in the middle of one."""

_FIELDS = frozenset({"list", "output", "label", "tag", "rate", "text", "show", "score"})
_DETERMINERS = frozenset(
    {"the", "a", "an", "my", "our", "your", "his", "her", "their", "this", "that", "these"}
)
_ENDS = frozenset(".!?;。！？；…")
_COLONS = frozenset(":：")
_SIDE = 12  # sentences at either end
_MOST_HITS = 48  # in a sentence; a longer one is a paste without full stops
_ASKING = frozenset({"what", "what's", "why"})
_PLACING = frozenset({"when", "where", "how"})
_AUXILIARIES = frozenset({"do", "does", "did", "is", "are", "was", "were", "will", "can", "should", "would"})
_MOST_VERBS = 6
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
        after_colon: Whether a colon comes before it: what is worked on rather than what to do.
        hits: What the vocabulary found in it.
        verbs: Its verbs that may be requests.
        numbers: How many numbers it has, in figures or words.
    """

    first: int
    last: int
    paragraph: int
    mark: str
    after_colon: bool = False
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
        """Return the hit that means ``name`` when the sentence begins with it."""
        hit = self.has(table, name)
        return hit if hit is not None and (hit.first == self.first or hit.unspaced) else None


def find_late_question(sentence: Sentence, words: Words) -> Hit | None:
    """Return the word that asks behind a comma, where no question mark need follow: ``X, how much is it``.

    ``Who`` and ``which`` there begin a relative clause, ``when`` does unless its verb comes next.
    """
    texts = words.texts
    for hit in sentence.hits:
        if hit.first <= sentence.first or texts[hit.first - 1] != ",":
            continue
        asks, behind = hit.names("ask"), texts[hit.last] if hit.last < sentence.last else ""
        if "quantity" in asks or "howto" in asks or ("fact" in asks and texts[hit.first] in _ASKING):
            return hit
        if "fact" in asks and texts[hit.first] in _PLACING and behind in _AUXILIARIES:
            return hit
    return None


def split_sentences(words: Words, hits: list[Hit]) -> list[Sentence]:
    """Return the sentences of ``words`` with their ``hits``, verbs and numbers: the first and last dozen."""
    sentences = _cut(words)
    if len(sentences) > 2 * _SIDE:
        sentences = [*sentences[:_SIDE], *sentences[-_SIDE:]]
    at = 0
    for sentence in sentences:
        while at < len(hits) and hits[at].first < sentence.last:
            if hits[at].first >= sentence.first and len(sentence.hits) < _MOST_HITS:
                sentence.hits.append(hits[at])
            at += 1
        _find_verbs(sentence, words)
        sentence.numbers = _count_numbers(sentence, words)
    return sentences


def _count_numbers(sentence: Sentence, words: Words) -> int:
    """Return how many numbers ``sentence`` has; those that look like years are none."""
    figures = (text for text in words.texts[sentence.first : sentence.last] if text[0].isdigit())
    count = sum(not (text.isdigit() and len(text) == 4 and "1400" <= text <= "2100") for text in figures)
    return count + sum(("word", "number") in hit.senses for hit in sentence.hits)


def _cut(words: Words) -> list[Sentence]:
    sentences: list[Sentence] = []
    texts, first, paragraph, colon = words.texts, 0, 0, False
    for i, text in enumerate(texts):
        ends = text in _ENDS or (text in _COLONS and i - first >= 2)
        breaks = text[0] == "\n" and (len(text) > 1 or i - first <= _BRIEF or texts[i - 1] == ":")
        if not ends and not breaks:
            continue
        if i > first:
            sentences.append(Sentence(first, i, paragraph, text if ends else "", colon))
            colon = text in _COLONS
        elif ends and sentences:
            sentences[-1].mark += text
        first = i + 1
        paragraph += text[0] == "\n" and len(text) > 1
    if first < len(texts):
        sentences.append(Sentence(first, len(texts), paragraph, "", colon))
    return sentences


def _find_verbs(sentence: Sentence, words: Words) -> None:
    """Find the verbs of ``sentence`` that stand where requests do, politeness before them skipped."""
    starting = {hit.first: hit for hit in sentence.hits if not hit.unspaced}
    position, i = OPENING, sentence.first
    while i < sentence.last:
        text, hit = words.texts[i], starting.get(i)
        if hit is not None and not _is_label(words, hit):
            _add_verb(sentence, hit, INSIDE if _is_determined(words, sentence, i) else position)
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
    del sentence.verbs[_MOST_VERBS:]


def _is_determined(words: Words, sentence: Sentence, i: int) -> bool:
    """Return whether an article stands before the word ``i``, which is then a noun: ``the plan shows …``."""
    return i > sentence.first and words.texts[i - 1] in _DETERMINERS


def _add_verb(sentence: Sentence, hit: Hit, position: int) -> None:
    if position != INSIDE:
        sentence.verbs += [Verb(hit, name, position) for name in hit.names("verb")]
    sentence.verbs += [Verb(hit, name, FOLLOWING) for name in hit.names("request")]


def _is_label(words: Words, hit: Hit) -> bool:
    """Return whether ``hit`` names a field, as in ``Review: …``: a noun with a colon behind it."""
    is_noun = any(table == "noun" for table, _ in hit.senses) or words.texts[hit.first] in _FIELDS
    return is_noun and hit.last < len(words.texts) and words.texts[hit.last] == ":"
