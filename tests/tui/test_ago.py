from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from smallchat.tui.ago import format_ago

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    monkeypatch.setenv("TZ", "UTC")
    time.tzset()


@pytest.mark.parametrize(
    ("before", "said"),
    [
        (timedelta(seconds=5), "just now"),
        (timedelta(seconds=-5), "just now"),  # clocks of two machines
        (timedelta(minutes=59, seconds=59), "59 min ago"),
        (timedelta(hours=11), "11 h ago"),
        (timedelta(hours=13), "yesterday"),
        (timedelta(days=1, hours=13), "2 days ago"),
        (timedelta(days=13), "13 days ago"),
        (timedelta(days=14), "2026-11-06"),
        (timedelta(days=-400), "2027-12-25"),
    ],
)
def test_how_long_ago(before: timedelta, said: str) -> None:
    assert format_ago(NOW - before, NOW) == said


def test_shortly_after_midnight_minutes_are_still_minutes() -> None:
    now = datetime(2026, 11, 20, 0, 10, tzinfo=UTC)
    assert format_ago(now - timedelta(minutes=20), now) == "20 min ago"
