"""What a verb is applied to."""

from __future__ import annotations

from collections.abc import Mapping

from smallchat.routing.meanings import MEANINGS, Meaning
from smallchat.routing.sentences import Sentence, Verb
from smallchat.routing.vocabulary import Hit
from smallchat.routing.words import Words


def find_object(verb: Verb, sentence: Sentence, words: Words) -> tuple[Hit | None, bool]:
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
        elif any(name in known for name in hit.names("noun")) and not is_negated(hit, sentence):
            if head is not None and (not near or hit.first - head.last > 1):
                break
            head = hit
    return head, near


def _find_unspaced_object(
    verb: Verb, sentence: Sentence, words: Words, known: Mapping[str, Meaning]
) -> tuple[Hit | None, bool]:
    nouns = [
        hit
        for hit in sentence.hits
        if any(name in known for name in hit.names("noun"))
        and not is_negated(hit, sentence)
        and "，" not in words.texts[min(verb.hit.first, hit.first) : max(verb.hit.first, hit.first)]
    ]
    # Loan words are modifiers more often than not: 用 Python 写一首诗.
    own = [hit for hit in nouns if hit.unspaced]
    found = own or nouns
    return (found[-1] if found else None), True


def is_negated(hit: Hit, sentence: Sentence) -> bool:
    """Return whether a word of negation stands right before ``hit``."""
    return any(
        ("word", "negation") in one.senses and 0 <= hit.first - one.last <= 2 and one.end <= hit.start
        for one in sentence.hits
    )
