"""The words that tell what a prompt asks for, by language: data, looked up in one pass.

Each language has its file in ``vocabulary/``.
Its tables:

``verb``     what a request begins with, in the forms it begins with;
``request``  the same, but telling wherever it stands in its sentence (languages with the verb at the end);
``noun``     what is to be made, read or worked on;
``format``   names of output formats;
``ask``      how questions begin;
``sign``     what else counts: constraints, speed, safety, screens …;
``word``     grammar: where noun phrases stop, politeness before the verb, negation.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from smallchat.routing.words import Words, split_words

Sense = tuple[str, str]
"""A table and a name in it, such as ``("noun", "code")``."""

ENGLISH = "en"
SPACED = (ENGLISH, "de", "es", "fr", "pt", "ru")
UNSPACED = ("zh", "ja", "ko")

_FOLDER = Path(__file__).with_name("vocabulary")
_SAMPLE = 80  # words that tell the language
_ENDS = 10
_LOAN_TABLES = ("noun", "sign", "format")  # English words that other languages borrow


@dataclass(frozen=True, slots=True)
class Hit:
    """A phrase of the vocabulary found in a text.

    Attributes:
        senses: What it may mean.
        start: Its first character.
        end: The character behind it.
        first: Its first word, by index.
        last: The word behind it, by index.
        unspaced: Whether its language is written without spaces, and its noun phrases end in their head.
    """

    senses: tuple[Sense, ...]
    start: int
    end: int
    first: int
    last: int
    unspaced: bool = False

    def names(self, table: str) -> tuple[str, ...]:
        """Return its senses in ``table``."""
        return tuple(name for kind, name in self.senses if kind == table)


@dataclass(frozen=True, slots=True)
class Phrases:
    """The phrases of a language.

    Attributes:
        sizes: How many words the phrases that start with a word have, the most first.
        senses: What each phrase may mean.
    """

    sizes: Mapping[str, tuple[int, ...]]
    senses: Mapping[tuple[str, ...], tuple[Sense, ...]]


@cache
def _read(language: str) -> dict[str, dict[str, list[str]]]:
    tables = tomllib.loads((_FOLDER / f"{language}.toml").read_text(encoding="utf-8"))
    if language == ENGLISH:
        tables["noun"] = {name: [*words, *map(_pluralise, words)] for name, words in tables["noun"].items()}
        tables["verb"] = {
            name: [*words, *(_add_ing(word) for word in words if word.isalpha())]
            for name, words in tables["verb"].items()
        }
    return tables


@cache
def phrases_of(language: str) -> Phrases:
    """Return the phrases of a spaced language."""
    senses: dict[tuple[str, ...], list[Sense]] = {}
    for table, names in _read(language).items():
        _collect(senses, table, names)
    if language != ENGLISH:
        for table in _LOAN_TABLES:
            _collect(senses, table, _read(ENGLISH)[table], only_new=True)
    sizes: dict[str, set[int]] = {}
    for phrase in senses:
        sizes.setdefault(phrase[0], set()).add(len(phrase))
    return Phrases(
        {first: tuple(sorted(lengths, reverse=True)) for first, lengths in sizes.items()},
        {phrase: tuple(dict.fromkeys(meant)) for phrase, meant in senses.items()},
    )


@cache
def _unspaced_phrases() -> tuple[re.Pattern[str], Mapping[str, tuple[Sense, ...]]]:
    """Return a pattern of all phrases that are found inside runs of characters, and their senses."""
    senses: dict[str, list[Sense]] = {}
    for language in UNSPACED:
        for table, names in _read(language).items():
            for name, phrases in names.items():
                for phrase in phrases:
                    senses.setdefault(phrase.lower(), []).append((table, name))
    longest_first = sorted(senses, key=len, reverse=True)
    pattern = re.compile("|".join(map(re.escape, longest_first)))
    return pattern, {phrase: tuple(dict.fromkeys(meant)) for phrase, meant in senses.items()}


@cache
def _common_words() -> Mapping[str, tuple[str, ...]]:
    common: dict[str, list[str]] = {}
    for language in SPACED:
        tables = _read(language)
        words = {
            *tables["word"]["common"],
            *_single(tables.get("verb", {})),
            *_single(tables.get("request", {})),
        }
        for word in words:
            common.setdefault(word, []).append(language)
    return {word: tuple(languages) for word, languages in common.items()}


def load() -> None:
    """Read all languages, which takes some 50 ms; else the first prompt of each language does."""
    _common_words()
    _unspaced_phrases()
    for language in SPACED:
        phrases_of(language)


def guess_language(words: Words) -> str:
    """Return the spaced language with the most everyday words among ``words``; English in doubt."""
    common, counts = _common_words(), dict.fromkeys(SPACED, 0)
    # The instruction may be in another language than the text that it is about: the ends count most.
    for sample in (words.texts[:_SAMPLE], words.texts[:_ENDS], words.texts[:_ENDS], words.texts[-_ENDS:]):
        for word in sample:
            for language in common.get(word, ()):
                counts[language] += 1
    return max(counts, key=lambda language: (counts[language], language == ENGLISH))


def find_hits(words: Words, language: str) -> list[Hit]:
    """Return the phrases found in ``words``, in order; of overlapping ones the longest."""
    return list(_walk(words, phrases_of(language)))


def _walk(words: Words, phrases: Phrases) -> Iterator[Hit]:
    texts, free_from = words.texts, 0
    for i, text in enumerate(texts):
        if words.unspaced[i]:
            yield from _find_unspaced(words, i)
            continue
        if i < free_from or (sizes := phrases.sizes.get(text)) is None:
            continue
        for size in sizes:
            senses = phrases.senses.get(tuple(texts[i : i + size]))
            if senses is not None and i + size <= len(texts):
                free_from = i + size
                yield Hit(senses, words.starts[i], words.ends[free_from - 1], i, free_from)
                break


def _find_unspaced(words: Words, i: int) -> Iterator[Hit]:
    pattern, senses = _unspaced_phrases()
    start = words.starts[i]
    for found in pattern.finditer(words.texts[i]):
        yield Hit(senses[found[0]], start + found.start(), start + found.end(), i, i + 1, unspaced=True)


def _collect(
    senses: dict[tuple[str, ...], list[Sense]],
    table: str,
    names: Mapping[str, Iterable[str]],
    *,
    only_new: bool = False,
) -> None:
    known = set(senses) if only_new else ()
    for name, phrases in names.items():
        for phrase in phrases:
            words = tuple(split_words(phrase).texts)
            if words not in known:
                senses.setdefault(words, []).append((table, name))


def _single(names: Mapping[str, Iterable[str]]) -> Iterator[str]:
    return (word for words in names.values() for word in words if " " not in word)


def _pluralise(noun: str) -> str:
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return noun[:-1] + "ies"
    return noun + ("es" if noun.endswith(("s", "x", "ch", "sh")) else "s")


def _add_ing(verb: str) -> str:
    return (verb[:-1] if verb.endswith("e") else verb) + "ing"
