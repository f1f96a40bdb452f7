"""What a model generated in one attempt, by channel, and how many tokens that is by our own count."""

from __future__ import annotations

from collections.abc import Callable

from smallchat.metering.events import Channel

# Live counts come from the tokens per character of this many leading characters: a count of the whole
# text for every frame drawn would grow with the square of its length.
SAMPLE_CHARS = 2_000


class Generated:
    """The payloads of one attempt. Adding one is O(1)."""

    __slots__ = ("_chars", "_count", "_counted", "_pieces", "_sampled_chars", "_sampled_tokens")

    def __init__(self, count: Callable[[str], int]) -> None:
        """Begin with nothing; ``count`` estimates the tokens of a text."""
        self._count = count
        self._pieces: dict[Channel, list[str]] = {"text": [], "reasoning": [], "tool": []}
        self._chars: dict[Channel, int] = dict.fromkeys(self._pieces, 0)
        self._sampled_chars = 0
        self._sampled_tokens = 0
        self._counted: dict[Channel, int] | None = None

    def add(self, channel: Channel, text: str) -> None:
        """Append ``text`` to ``channel``."""
        self._pieces[channel].append(text)
        self._chars[channel] += len(text)

    def has(self, channel: Channel) -> bool:
        """Return whether anything came by ``channel``."""
        return self._chars[channel] > 0

    def joined(self, channel: Channel) -> str:
        """Return all that came by ``channel``."""
        pieces = self._pieces[channel]
        if len(pieces) > 1:
            pieces[:] = ["".join(pieces)]
        return pieces[0] if pieces else ""

    def count_tokens(self) -> dict[Channel, int]:
        """Return the tokens of each channel, each counted as a whole. For the end: it is done once."""
        if self._counted is None:
            self._counted = {channel: self._count(self.joined(channel)) for channel in self._pieces}
        return self._counted

    def estimate_tokens(self) -> dict[Channel, int]:
        """Return about how many tokens each channel has so far; cheap enough for every frame drawn.

        The ratio is that of a leading sample, taken anew when the text has doubled until it is long enough.
        """
        chars = sum(self._chars.values())
        if self._sampled_chars < SAMPLE_CHARS and chars >= 2 * self._sampled_chars:
            sample = "".join(map(self.joined, self._pieces))[:SAMPLE_CHARS]
            self._sampled_chars, self._sampled_tokens = len(sample), self._count(sample)
        ratio = self._sampled_tokens / self._sampled_chars if self._sampled_chars else 0.0
        return {channel: round(chars * ratio) for channel, chars in self._chars.items()}
