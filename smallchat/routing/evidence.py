"""Evidence on what a prompt asks for, and what it is read from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from smallchat.routing.layout import Layout
from smallchat.routing.meanings import Task
from smallchat.routing.sentences import Sentence
from smallchat.routing.words import Words

ZONE = 3
"""Sentences at either end of a longer text that hold the instruction."""

SHORT_WORDS = 60
"""In a text of so many words the instruction may stand anywhere."""

_QUOTED = 0.6  # what follows a colon counts less than what comes before it


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

    def times(self, factor: float) -> Evidence:
        """Return it with ``factor`` times the weight."""
        return replace(self, weight=self.weight * factor)


class Reading:
    """A prompt as it is read: its sentences, its words, what else it carries, and sums over all of it."""

    def __init__(self, sentences: Sequence[Sentence], words: Words, layout: Layout, maths: int) -> None:
        """Sum up; ``maths`` counts marks of mathematical notation."""
        self.sentences = sentences
        self.words = words
        self.layout = layout
        self.maths = maths
        self.size = len(words.texts)
        self.numbers = sum(one.numbers for one in sentences)
        self.has_source = any(one.has("noun", "source") for one in sentences[:ZONE])
        self.shows_steps = any(one.has("sign", "steps_shown") for one in sentences)
        self.options = layout.options
        self._first_verb = next((i for i, one in enumerate(sentences) if one.verbs), 0)

    def weight(self, i: int) -> float:
        """Return how much evidence in the sentence ``i`` counts: the instruction stands at the ends."""
        quoted = _QUOTED if self.sentences[i].after_colon else 1.0
        if i < ZONE:
            return quoted * (1.25 if i == self._first_verb else 0.8)
        if self.size <= SHORT_WORDS:
            return quoted * 0.8
        return quoted * (0.9 if i >= len(self.sentences) - 2 else 0.2)

    def has_word(self, sentence: Sentence, word: str) -> bool:
        """Return whether ``word`` is in ``sentence``."""
        return word in self.words.texts[sentence.first : sentence.last]
