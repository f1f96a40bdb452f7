"""What is asked of the engine: one prompt to some models."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from smallchat.catalog.model import Model
from smallchat.providers.base import ChatRequest, Message
from smallchat.providers.params import accepted_params

if TYPE_CHECKING:
    from smallchat.catalog.tokens import TokenEstimator


@dataclass(frozen=True, slots=True)
class Lane:
    """One model's part of an order.

    Attributes:
        model: Who is asked.
        messages: The conversation, ending with the prompt.
        system: The system prompt; empty for none.
        max_output: The most tokens the model may generate; a smaller limit of the model's own holds.
        params: Parameters by their name on the wire, on top of the model's own.
        schema: The JSON schema that the answer must follow; ``None`` for free text.
    """

    model: Model
    messages: tuple[Message, ...]
    system: str = ""
    max_output: int = 2048
    params: Mapping[str, Any] = field(default_factory=dict)
    schema: Mapping[str, Any] | None = None

    def estimate_input(self, tokens: TokenEstimator) -> int:
        """Return the estimated tokens of what is read for the answer: the schema counts, too."""
        texts = [message.text for message in self.messages]
        if self.schema is not None:
            texts.append(json.dumps(self.schema))
        images = sum(len(message.images) for message in self.messages)
        return tokens.estimate_request(self.model, self.system, texts, images)

    def request(self) -> tuple[ChatRequest, tuple[str, ...]]:
        """Return the request, and notes on what had to be changed for this model to take it."""
        model = self.model
        params, notes = accepted_params(model, {**model.params, **self.params})
        max_output = min(self.max_output, model.max_output or self.max_output)
        if max_output < self.max_output:
            notes = (*notes, f"{model.label} writes {max_output} tokens at most")
        if pictures := [image.name for image in self.messages[-1].images if image.name]:
            notes = (*notes, f"sent with {', '.join(pictures)}; a session does not keep images")
        request = ChatRequest(model.wire_id, self.messages, self.system, max_output, params, self.schema)
        return request, notes


@dataclass(frozen=True, slots=True)
class Order:
    """One prompt to some models.

    Attributes:
        lanes: Each model's part.
        sequential: One after another, for models that share a machine, instead of all at once.
        session: The session whose budget it is spent from; without one, the program's run is the session.
        force: Send it over the budget's caps: the user was asked.
        held: Hold the requests back until the send is released: a screen paints first, so that its painting
            does not slow down what is timed.
    """

    lanes: tuple[Lane, ...]
    sequential: bool = False
    session: str = ""
    force: bool = False
    held: bool = False

    def only(self, lanes: Sequence[int]) -> Order:
        """Return the order with these of its lanes alone, told by their place."""
        return replace(self, lanes=tuple(self.lanes[lane] for lane in lanes))

    def with_max_output(self, tokens: int) -> Order:
        """Return the order for answers of ``tokens`` tokens at most."""
        shorter = (replace(lane, max_output=min(tokens, lane.max_output)) for lane in self.lanes)
        return replace(self, lanes=tuple(shorter))
