"""Token estimates: what a text will count before the provider says what it did count."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from smallchat.catalog import o200k
from smallchat.catalog.model import Model
from smallchat.catalog.ratios import Ratios

MESSAGE_TOKENS = 4
"""What a chat template adds around each message: role, separators."""

REPLY_TOKENS = 3
"""What a chat template adds to open the answer."""


class TokenEstimator:
    """Estimates tokens: o200k_base times the model's ratio, which is learned from its answers.

    Before ``load`` a text's UTF-8 bytes stand in for its tokens. All methods may be called from any thread.
    """

    def __init__(self, data_dir: Path) -> None:
        """Keep what is learned in ``data_dir``."""
        self._ratios = Ratios(data_dir / "ratios.json")

    @property
    def loaded(self) -> bool:
        """Whether texts are counted by the table."""
        return o200k.is_loaded()

    def load(self) -> None:
        """Load the table: 0.3 s the first time, never on the way to a painted screen. Never fails."""
        o200k.load()

    def ratio(self, model: Model) -> float:
        """Return the model's tokens per o200k_base token: learned, or else assumed."""
        return self._ratios.ratio(_key(model), model.tokens_factor)

    def count(self, model: Model, text: str) -> int:
        """Return the estimated tokens of ``text``. Quick for any text: see ``o200k.count``."""
        return round(o200k.count(text) * self.ratio(model))

    def estimate_request(self, model: Model, system: str, texts: Iterable[str], images: int = 0) -> int:
        """Return the estimated input tokens of a request.

        Args:
            model: The model that would get it.
            system: The system prompt; empty for none.
            texts: The text of each message, history included.
            images: Pictures over all messages; each counts as a large one, since size decides and most
                providers scale down to about that.
        """
        messages = [system, *texts] if system else list(texts)
        texts_total = sum(self.count(model, text) for text in messages)
        return texts_total + images * model.image_tokens + len(messages) * MESSAGE_TOKENS + REPLY_TOKENS

    def learn(self, model: Model, text: str, tokens: int) -> None:
        """Learn from an answer: ``text`` had ``tokens`` tokens, reasoning left out of both.

        Reads and writes a small file: call it where no clock waits. Never raises for the disk's sake.
        """
        if self.loaded and len(text) <= o200k.EXACT_CHARS:
            self._ratios.learn(_key(model), o200k.count(text), tokens)


def _key(model: Model) -> str:
    # The tokenizer belongs to the model on the wire, whatever it is called here.
    return f"{model.provider}/{model.wire_id}"
