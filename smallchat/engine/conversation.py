"""One pane's conversation with its own model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from smallchat.catalog.model import Model
from smallchat.engine.order import Lane
from smallchat.metering.answer import Answer
from smallchat.providers.base import Image, Message


@dataclass(frozen=True, slots=True)
class Turn:
    """A prompt and its settled answer."""

    prompt: str
    answer: Answer
    images: tuple[Image, ...] = ()


class Conversation:
    """The turns with one model, and the lane for the next prompt.

    Attributes:
        model: Who is talked to.
        system: The system prompt; empty for none.
        max_output: The most tokens of an answer; ``None`` for what each prompt says.
        params: Sent with each prompt, over the model's own.
        turns: What was said, oldest first.
    """

    def __init__(self, model: Model, system: str = "") -> None:
        """Begin with no turns."""
        self.model = model
        self.system = system
        self.max_output: int | None = None
        self.params: Mapping[str, Any] = {}
        self.turns: list[Turn] = []

    def begin_anew(self) -> Conversation:
        """Return a conversation on the same terms, with nothing said."""
        anew = Conversation(self.model, self.system)
        anew.max_output, anew.params = self.max_output, self.params
        return anew

    def messages_for(self, prompt: str, images: tuple[Image, ...] = ()) -> tuple[Message, ...]:
        """Return the history, then ``prompt``.

        A turn whose answer has no text is left out, prompt and all: no wire takes an empty answer, and
        two prompts in a row would be read as one. Earlier pictures, which another model may have been shown,
        are left out for a model that can not see.
        """
        history = [
            message
            for turn in self.turns
            if turn.answer.text.strip()
            for message in (
                Message("user", turn.prompt, turn.images if self.model.vision else ()),
                Message("assistant", turn.answer.text),
            )
        ]
        return (*history, Message("user", prompt, images))

    def lane_for(
        self,
        prompt: str,
        max_output: int,
        images: tuple[Image, ...] = (),
        params: Mapping[str, Any] | None = None,
        schema: Mapping[str, Any] | None = None,
    ) -> Lane:
        """Return the lane that asks ``prompt`` after all that was said."""
        messages = self.messages_for(prompt, images)
        params = {**self.params, **(params or {})}
        return Lane(self.model, messages, self.system, self.max_output or max_output, params, schema)

    def add(self, prompt: str, answer: Answer, images: tuple[Image, ...] = ()) -> None:
        """Remember a turn."""
        self.turns.append(Turn(prompt, answer, images))

    def drop_last(self) -> Turn | None:
        """Forget the last turn and return it, so that it can be asked again."""
        return self.turns.pop() if self.turns else None
