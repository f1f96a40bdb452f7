"""Where a failure happened, and how it may be spoken of: in one safe line, without keys."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from smallchat.config.keys import Secret, scrub
from smallchat.config.provider import Provider
from smallchat.safe_text import safe_line

MESSAGE_CHARS = 400
_KEY_LIKE = re.compile(r"\b(?:sk|gsk|key|pk|xai|ghp)[-_][\w*.-]{8,}|\bBearer\s+\S+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a failure happened: what its message may name, and the keys that it may not.

    Attributes:
        provider: Who was asked.
        model: The model's name on the wire.
        params: The names of the parameters sent.
        secrets: Keys and secret headers.
    """

    provider: Provider
    model: str = ""
    params: tuple[str, ...] = ()
    secrets: tuple[Secret, ...] = ()

    @property
    def name(self) -> str:
        """The provider's name in the configuration."""
        return safe_line(self.provider.name, 60)

    @property
    def address(self) -> str:
        """The host of the provider, with its port where the address names one."""
        parts = urlsplit(self.provider.base_url or "")
        if not parts.hostname:
            return self.provider.label
        return safe_line(parts.hostname if parts.port is None else f"{parts.hostname}:{parts.port}", 100)

    @property
    def url(self) -> str:
        """The base URL of the provider."""
        return safe_line(self.provider.base_url or self.address)

    def clean(self, text: str) -> str:
        """Return ``text`` from outside as one safe line without keys."""
        return safe_line(_KEY_LIKE.sub("[key]", scrub(text, self.secrets)), MESSAGE_CHARS)


def causes(error: BaseException) -> Iterator[BaseException]:
    """Yield ``error`` and all that led to it, the members of groups included."""
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        cause = waiting.pop(0)
        if id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        if isinstance(cause, BaseExceptionGroup):
            waiting += cause.exceptions
        if (before := cause.__cause__ or cause.__context__) is not None:
            waiting.append(before)


def class_names(error: BaseException) -> set[str]:
    """Return the names of the classes of ``error``: both SDKs use the same ones."""
    return {kind.__name__ for kind in type(error).__mro__}
