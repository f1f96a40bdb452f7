"""Token counts of one answer, in one shape for every wire."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

UsageSource = Literal["usage", "estimate"]


@dataclass(frozen=True, slots=True)
class Usage:
    """What one answer used, in tokens.

    The counts are *inclusive*: ``cached`` and ``cache_write`` are parts of ``input``, ``cache_write_1h``
    is a part of ``cache_write``, and ``reasoning`` is a part of ``output``. OpenAI reports it so;
    Anthropic's ``input_tokens`` leaves the cached parts out and its adapter adds them.

    Attributes:
        input: Everything sent, cached or not.
        output: Everything generated, reasoning included; billed as output.
        cached: Input read from the provider's cache.
        cache_write: Input written to the provider's cache, for five minutes or for an hour.
        cache_write_1h: The part of ``cache_write`` kept for an hour.
        reasoning: Output that was reasoning.
        source: ``usage`` when the provider counted, ``estimate`` when smallchat did.
    """

    input: int
    output: int
    cached: int = 0
    cache_write: int = 0
    cache_write_1h: int = 0
    reasoning: int = 0
    source: UsageSource = "usage"

    def __post_init__(self) -> None:
        """Refuse counts that can not be parts of one another.

        Raises:
            ValueError: A count is negative, or a part is larger than its whole.
        """
        counts = (self.input, self.output, self.cached, self.cache_write, self.cache_write_1h, self.reasoning)
        if min(counts) < 0:
            raise ValueError(f"a token count is negative: {counts}")
        if self.cached + self.cache_write > self.input:
            raise ValueError(
                f"cached {self.cached} + cache write {self.cache_write} exceed input {self.input}"
            )
        if self.cache_write_1h > self.cache_write:
            raise ValueError(f"1 h cache write {self.cache_write_1h} exceeds cache write {self.cache_write}")
        if self.reasoning > self.output:
            raise ValueError(f"reasoning {self.reasoning} exceeds output {self.output}")
