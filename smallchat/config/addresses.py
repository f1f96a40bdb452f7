"""What the address of a server tells."""

from __future__ import annotations

from urllib.parse import urlsplit


def host_of(url: str | None) -> str:
    """Return the host of ``url`` in small letters; empty without one."""
    try:
        return urlsplit(url or "").hostname or ""
    except ValueError:
        return ""


def same_url(one: str, other: str) -> bool:
    """Return whether both addresses are one, however they are spelt."""
    return _normalise(one) == _normalise(other)


def _normalise(url: str) -> tuple[str, ...]:
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        return (url,)
    return (
        parts.scheme,
        parts.netloc.rpartition("@")[0],
        parts.hostname or "",
        str(port),
        parts.path.rstrip("/"),
        parts.query,
    )
