"""The spend screen, over a ledger that is filled by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from smallchat.catalog.model import Price, Rates
from smallchat.ledger import reading
from smallchat.ledger.ledger import Ledger
from smallchat.ledger.reading import SpendReader
from smallchat.ledger.report import Elsewhere
from smallchat.metering.usage import Usage
from smallchat.sessions.session import SessionModel
from smallchat.tui.screens.spend import SpendScreen
from smallchat.tui.spending import Spending, View, lay_out
from tests.ledger.books import Clock, admitted, answer, budget, claim
from tests.tui.drawing import click_words
from tests.tui.fakes import CONFIG, Stage

NOW = datetime(2026, 11, 20, 12).timestamp()  # local time, as days are
DAY = 86_400.0


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock(NOW)
    monkeypatch.setattr(reading, "SpendReader", partial(SpendReader, clock=clock))
    return clock


@pytest.fixture
def stage(tmp_path: Path, clock: Clock) -> Stage:
    return Stage(tmp_path, f"{CONFIG}[budget]\nday = 0.05\nmonth = 1.00\n")


def fill(data_dir: Path, clock: Clock) -> None:
    """Spend on three models, in two sessions and on nine days; an estimate and a cut answer among it."""
    ledger = Ledger(data_dir, budget(), clock=clock)

    def spend(usd: str | None, model: str, session: str, days_ago: int = 0, state: str = "exact") -> None:
        clock.now = NOW - days_ago * DAY
        (booking,) = admitted(ledger.admit([claim("1", model)], session))
        settled = answer(usd, state, "ok", Usage(1_204, 122, 1_024))  # type: ignore[arg-type]
        ledger.settle(booking, settled)

    for days_ago in range(9):
        spend(f"0.0{days_ago + 1}", "alpha", "s1", days_ago)
    spend("0.002", "beta", "s2", 0, "estimate")
    spend("0.0003", "alpha", "s2", 0, "lower_bound")
    spend(None, "gamma \x1b[2J日本", "s2", 0, "no_price")
    clock.now = NOW
    ledger.close()


async def open_spend(stage: Stage, pilot: Pilot[None], clock: Clock) -> SpendScreen:
    """Open the screen and wait for the report."""
    await stage.ready(pilot)
    assert stage.app.backend is not None
    data_dir = stage.app.backend.services.data_dir
    if not (data_dir / "ledger.db").exists():
        fill(data_dir, clock)
    await pilot.press("f4")
    await pilot.pause()
    screen = stage.app.screen
    assert isinstance(screen, SpendScreen)
    while screen.spending is None:
        await pilot.pause(0.01)
    await pilot.pause()
    return screen


async def view(screen: SpendScreen, pilot: Pilot[None], key: str, name: View) -> str:
    """Press ``key`` and return the report when it is that of ``name``."""
    await pilot.press(key)
    while screen.spending is None or screen.spending.view != name:
        await pilot.pause(0.01)
    return text_of(screen)


def text_of(screen: SpendScreen) -> str:
    return str(screen.query_one("#spending", Static).render())


async def test_sums_tell_their_parts_apart(stage: Stage, clock: Clock) -> None:
    async with stage.app.run_test(size=(120, 30)) as pilot:
        told = text_of(await open_spend(stage, pilot, clock)).splitlines()
        assert [line.split() for line in told[1:4]] == [
            ["Today", "≥$0.0123", "of", "$0.0500", "$0.0100", "$0.0020", "$0.000300"],
            ["This", "month", "≥$0.4523", "of", "$1.00", "$0.4500", "$0.0020", "$0.000300"],
            ["Last", "30", "days", "≥$0.4523", "$0.4500", "$0.0020", "$0.000300"],
        ]
        assert told[4] == "not in these sums: 1 without a price"
        assert told[5].startswith("Each day      ·····················█")
        assert told[6] == "At this pace  $1.21 in 30 days, as in the last 7 days"


async def test_where_columns_do_not_fit_the_parts_stand_below(stage: Stage, clock: Clock) -> None:
    async with stage.app.run_test(size=(40, 20)) as pilot:
        told = text_of(await open_spend(stage, pilot, clock)).splitlines()
        assert told[4:8] == [
            "  $0.4500 exact",
            "  ~$0.0020 estimated",
            "  ≥$0.000300 stopped or cut",
            "  1 without a price",
        ]


async def test_keys_turn_to_models_days_sessions_and_back(stage: Stage, clock: Clock) -> None:
    async with stage.app.run_test(size=(120, 30)) as pilot:
        screen = await open_spend(stage, pilot, clock)
        assert "MODEL" in text_of(screen)
        assert "gamma ␛[2J日本" in text_of(screen)
        days = await view(screen, pilot, "d", "day")
        assert f"2026-11-12  {'━' * 15}   $0.0900" in days
        assert f"2026-11-19  ━━━{' ' * 12}   $0.0200" in days
        await view(screen, pilot, "right", "session")
        assert "ON" in await view(screen, pilot, "e", "elsewhere")
        await view(screen, pilot, "tab", "model")
        await pilot.press("escape")
        await pilot.pause()
        assert stage.screen


async def test_sessions_are_told_by_their_titles(stage: Stage, clock: Clock) -> None:
    async with stage.app.run_test(size=(120, 30)) as pilot:
        await stage.ready(pilot)
        assert stage.app.backend is not None
        models = [SessionModel("alpha", "gateway", "alpha")]
        stage.app.backend.store.create_session("chat", models, "Rivers [/] of \x1b[31mEurope", name="s1")
        told = await view(await open_spend(stage, pilot, clock), pilot, "s", "session")
        assert "Rivers [/] of ␛[31mEurope" in told
        assert "(not kept)" in told
        assert "s2" in told


@pytest.mark.parametrize("size", [(120, 30), (40, 12)])
async def test_views_are_turned_to_by_the_mouse(stage: Stage, clock: Clock, size: tuple[int, int]) -> None:
    async with stage.app.run_test(size=size) as pilot:
        screen = await open_spend(stage, pilot, clock)
        for name, told in (("days", "DAY"), ("elsewhere", "ON"), ("models", "MODEL")):
            await click_words(pilot, "#views", name)
            while told not in text_of(screen):
                await pilot.pause(0.01)


def test_what_is_nothing_is_not_told(tmp_path: Path, clock: Clock) -> None:
    with SpendReader(tmp_path, clock) as reader:
        report = reader.report()
    assert str(lay_out(Spending("model", report, budget()), 78)) == "Nothing was spent in the last 30 days."
    ledger = Ledger(tmp_path, budget(), clock=clock)
    (booking,) = admitted(ledger.admit([claim("1", "local")], "s"))
    ledger.settle(booking, answer("0", "exact", "ok", Usage(10, 10)))
    ledger.close()
    with SpendReader(tmp_path, clock) as reader:
        told = str(lay_out(Spending("model", reader.report(), budget()), 78))
    assert "local" in told
    assert not any(word in told for word in ("EXACT", "pace", "Each day"))


async def test_without_a_ledger_nothing_was_spent(stage: Stage, clock: Clock) -> None:
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await stage.ready(pilot)
        assert stage.app.backend is not None
        (stage.app.backend.services.data_dir).mkdir(exist_ok=True)
        (stage.app.backend.services.data_dir / "ledger.db").touch()
        screen = await open_spend(stage, pilot, clock)
        assert "Nothing was spent in the last 30 days." in text_of(screen)
        assert "Today           $0  of $0.0500" in text_of(screen)


async def test_a_damaged_ledger_is_told(stage: Stage) -> None:
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await stage.ready(pilot)
        assert stage.app.backend is not None
        stage.app.backend.services.data_dir.mkdir(exist_ok=True)
        (stage.app.backend.services.data_dir / "ledger.db").write_bytes(b"no database " * 1000)
        await pilot.press("f4")
        await pilot.pause()
        screen = stage.app.screen
        assert isinstance(screen, SpendScreen)
        while "is damaged" not in text_of(screen):
            await pilot.pause(0.01)


@pytest.mark.parametrize("width", [20, 38, 60, 78, 118, 200])
@pytest.mark.parametrize("view", ["model", "day", "session", "elsewhere"])
def test_no_line_is_wider_than_the_screen(tmp_path: Path, clock: Clock, width: int, view: View) -> None:
    fill(tmp_path, clock)
    with SpendReader(tmp_path, clock) as reader:
        report = reader.report("model" if view == "elsewhere" else view)
    price = Price(Rates(Decimal(1), Decimal(5)), as_of=date(2026, 11, 20))
    others = [
        Elsewhere("some-model-with-a-long-name", price, Decimal("12.34"), Decimal("6.17")),
        Elsewhere("日本語" * 20, replace(price, as_of=None, source="config"), Decimal("0.01"), None),
    ]
    lines = lay_out(Spending(view, report, budget(day="1"), {}, others), width).split("\n")
    assert max(line.cell_length for line in lines) <= width
    if view == "elsewhere":
        assert "$12.34" in str(lines[-2])
        assert "–" not in str(lines[-1])


SIZES = pytest.mark.parametrize(
    "size", [(120, 30), (80, 24), (40, 12)], ids=lambda size: f"{size[0]}x{size[1]}"
)


@SIZES
@pytest.mark.usefixtures("still")
def test_its_looks(
    snap_compare: Callable[..., bool], stage: Stage, clock: Clock, size: tuple[int, int]
) -> None:
    async def look(pilot: Pilot[None]) -> None:
        await open_spend(stage, pilot, clock)

    assert snap_compare(stage.app, terminal_size=size, run_before=look)


@pytest.mark.usefixtures("still")
def test_the_looks_of_its_days(snap_compare: Callable[..., bool], stage: Stage, clock: Clock) -> None:
    async def look(pilot: Pilot[None]) -> None:
        await view(await open_spend(stage, pilot, clock), pilot, "d", "day")
        await pilot.pause()

    assert snap_compare(stage.app, terminal_size=(80, 24), run_before=look)
