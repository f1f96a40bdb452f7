"""When something happened, as people say it."""

from __future__ import annotations

from datetime import datetime

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


def format_ago(then: datetime, now: datetime) -> str:
    """Return how long ago ``then`` is: ``just now``, ``5 min ago``, ``yesterday``, ``6 days ago``.

    Both times are aware. From two weeks on it is a date, and so is what lies in the future.
    """
    seconds = (now - then).total_seconds()
    days = (now.astimezone().date() - then.astimezone().date()).days
    if -_MINUTE < seconds < _MINUTE:
        return "just now"
    if 0 <= seconds < _HOUR:
        return f"{seconds // _MINUTE:.0f} min ago"
    if 0 <= seconds < _DAY and days == 0:
        return f"{seconds // _HOUR:.0f} h ago"
    if days == 1:
        return "yesterday"
    return f"{days} days ago" if 1 < days < 14 else format_day(then)


def format_day(when: datetime) -> str:
    """Return the local date of ``when``: ``2026-11-20``."""
    return f"{when.astimezone():%Y-%m-%d}"


def format_time(when: datetime) -> str:
    """Return the local date and time of ``when``: ``2026-11-20 10:00``."""
    return f"{when.astimezone():%Y-%m-%d %H:%M}"
