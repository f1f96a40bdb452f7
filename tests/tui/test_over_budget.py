"""Sends under a budget: what is told while a draft is written, and what is asked before too much leaves."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from textual.events import Paste
from textual.pilot import Pilot
from textual.widgets import OptionList

from smallchat.engine.attaching import read_attachment
from smallchat.engine.order import Order
from smallchat.ledger.ledger import Ledger
from smallchat.tui.screens.over_budget import OverBudgetScreen
from tests.ledger.books import budget, spend
from tests.tui.fakes import CONFIG, Stage

SIZE = (100, 30)
PRICED = CONFIG + "price = { input = 0.2, output = 1, as_of = 2026-11-20 }\n"  # gamma's
# The most that a short prompt can cost: $0.0103 with alpha, $0.0010 with beta, $0.0021 with gamma.


def stage_with(tmp_path: Path, settings: str, config: str = PRICED) -> Stage:
    return Stage(tmp_path, f"{config}[budget]\n{settings}\n")


def spent_already(stage: Stage, usd: str, model: str = "alpha") -> None:
    """Have another terminal spend ``usd`` today."""
    assert stage.app.backend is not None
    other = Ledger(stage.app.backend.services.data_dir, budget())
    spend(other, usd, model)
    other.close()


def dialog(stage: Stage) -> OverBudgetScreen:
    screen = stage.app.screen
    assert isinstance(screen, OverBudgetScreen)
    return screen


def choices(stage: Stage) -> list[str]:
    options = dialog(stage).query_one("#choices", OptionList)
    return [str(options.get_option_at_index(index).prompt) for index in range(options.option_count)]


def facts(stage: Stage) -> str:
    return "\n".join(str(part.render()) for part in dialog(stage).query("#facts > *"))


async def choose(stage: Stage, pilot: Pilot[None], words: str) -> None:
    """Choose what has ``words`` in it, by keys."""
    (index,) = [number for number, choice in enumerate(choices(stage)) if words in choice]
    await pilot.press(*["down"] * index, "enter")
    await pilot.pause()
    await stage.sent(pilot)


def asked(order: Order) -> list[str]:
    return [lane.model.name for lane in order.lanes]


async def line_with(stage: Stage, pilot: Pilot[None], words: str) -> str:
    """Wait until the line above the composer has ``words`` in it."""
    line = stage.screen.query_one("#send-line")
    while words not in str(line.render()):
        await pilot.pause(0.02)
    return str(line.render())


class TestDraft:
    @pytest.mark.parametrize(
        ("day", "words", "style"),
        [
            ("1.00", " · $1.00 left of $1.00 for today", ""),
            ("0.0155", "! $0.0155 left of $0.0155 for today, 86% with this", "$warning"),
            ("0.0135", "!! $0.0135 left of $0.0135 for today, 99% with this", "$error"),
            ("0.0130", "✗ over the budget: $0.0130 left of $0.0130 for today", "$error"),
        ],
    )
    async def test_what_is_left_is_told_by_words_signs_and_colours(
        self, tmp_path: Path, day: str, words: str, style: str
    ) -> None:
        stage = stage_with(tmp_path, f"day = {day}")
        async with stage.app.run_test(size=(140, 30)) as pilot:
            await stage.ready(pilot)
            stage.screen.composer.insert("Which river?")
            line = await line_with(stage, pilot, words)
            assert "for 3 panes" in line
            assert style in stage.screen.query_one("#send-line").render().markup

    async def test_its_worst_case_is_the_ledger_s(self, tmp_path: Path) -> None:
        stage = stage_with(tmp_path, "day = 1.00")
        async with stage.app.run_test(size=SIZE) as pilot:
            await stage.ready(pilot)
            assert stage.screen.comparison is not None
            order = stage.screen.comparison.question("Which river?").order
            from smallchat.tui.forecast import forecast

            assert stage.app.backend is not None
            found = forecast(stage.app.backend, order)
            (need,) = found.headroom.needs
            assert found.usd is not None
            assert found.usd.worst == need.needed

    async def test_without_a_cap_nothing_more_is_told(self, tmp_path: Path) -> None:
        stage = Stage(tmp_path, PRICED)
        async with stage.app.run_test(size=SIZE) as pilot:
            await stage.ready(pilot)
            stage.screen.composer.insert("Which river?")
            assert (await line_with(stage, pilot, "panes")).rstrip().endswith("for 3 panes")

    @pytest.mark.parametrize(
        ("width", "ends"),
        [(140, "for 3 panes"), (80, "for today  "), (40, "…")],
        ids=["wide", "usual", "narrow"],
    )
    async def test_what_stands_in_the_way_is_not_cut_for_the_price(
        self, tmp_path: Path, width: int, ends: str
    ) -> None:
        stage = stage_with(tmp_path, "day = 0.0130")
        async with stage.app.run_test(size=(width, 30)) as pilot:
            await stage.ready(pilot)
            stage.screen.composer.insert("Which river?")
            told = await line_with(stage, pilot, "✗ over the budget")
            assert ends in told
            assert ("$0.0133" in told) is (width > 40)


class TestDialog:
    async def test_it_comes_before_anything_leaves_and_the_safest_choice_is_focused(
        self, tmp_path: Path
    ) -> None:
        stage = stage_with(tmp_path, "day = 0.0125")
        async with stage.app.run_test(size=SIZE) as pilot:
            await stage.ready(pilot)
            spent_already(stage, "0.001")
            await stage.ask(pilot, "Which river?")
            assert stage.engine.orders == []
            assert choices(stage) == [
                "Send nothing, keep the prompt",
                "Ask Beta 2 and Gamma 3: up to $0.0031",
                "Ask Alpha 1 and Beta 2: up to $0.0113",
                choices(stage)[3],
                "Send once anyway, over the budget",
            ]
            assert choices(stage)[3].startswith("At most 1,7")
            options = dialog(stage).query_one("#choices", OptionList)
            assert options.has_focus
            assert options.highlighted == 0
            told = facts(stage)
            assert "alpha, beta and gamma may cost $0.0133, but $0.0115 is left" in told
            assert "Alpha 1   up to $0.0103" in told
            assert "together  up to $0.0133" in told
            assert "left      $0.0115 of $0.0125 for today ($0.0010 spent)" in told
            assert 'Or raise "Most $ a day" in the settings (F10).' in told
            await pilot.press("enter")
            await pilot.pause()
            assert stage.screen.composer.text == "Which river?"
            assert stage.engine.orders == []
            assert not stage.screen.running

    @pytest.mark.parametrize(("size", "scrolls"), [((100, 40), False), ((40, 12), True)])
    async def test_the_facts_are_gone_to_where_they_scroll(
        self, tmp_path: Path, size: tuple[int, int], scrolls: bool
    ) -> None:
        stage = stage_with(tmp_path, "day = 0.0125")
        async with stage.app.run_test(size=size) as pilot:
            await stage.ready(pilot)
            await stage.ask(pilot, "Which river?")
            await pilot.pause()
            await pilot.press("tab")
            assert dialog(stage).query_one("#facts").has_focus is scrolls

    async def test_escape_sends_nothing(self, tmp_path: Path) -> None:
        stage = stage_with(tmp_path, "day = 0.005")
        async with stage.app.run_test(size=SIZE) as pilot:
            await stage.ready(pilot)
            await stage.ask(pilot, "Which river?")
            await pilot.press("escape")
            await pilot.pause()
            assert stage.screen.composer.text == "Which river?"
            assert stage.engine.orders == []

    async def test_some_panes_may_be_dropped_for_once(self, tmp_path: Path) -> None:
        stage = stage_with(tmp_path, "per_send = 0.0125")
        async with stage.app.run_test(size=SIZE) as pilot:
            await stage.ready(pilot)
            await stage.ask(pilot, "Which river?")
            await choose(stage, pilot, "Ask Alpha 1 and Gamma 3:")
            assert asked(stage.engine.orders[0]) == ["alpha", "gamma"]
            beta = stage.screen.row.panes[1]
            assert beta.transcript.find("Not asked, to stay in the budget") == 1
            assert beta.header.phase.word == "ready"
            for name in ("alpha", "gamma"):
                stage.engine.finish(stage.engine.lane(name), "The Rhine")
            await stage.settled(pilot)
            await pilot.press("ctrl+n", "ctrl+r")  # what was missed can be made up for
            await stage.sent(pilot)
            assert asked(stage.engine.orders[1]) == ["beta"]
            assert [message.text for message in stage.engine.orders[1].lanes[0].messages] == ["Which river?"]
            stage.engine.finish(stage.engine.lane("beta"), "The Elbe")
            await stage.settled(pilot)
            assert stage.app.backend is not None
            assert stage.screen.comparison is not None
            kept = stage.app.backend.store.load(stage.screen.comparison.keeper.session)
            assert [(answer.pane, answer.answer.model) for answer in kept.turns[0].answers] == [
                (0, "alpha"), (1, "beta"), (2, "gamma"),
            ]  # fmt: skip

    async def test_each_pane_that_is_left_out_says_its_own_reason(self, tmp_path: Path) -> None:
        seeing = PRICED
        for label in ("Alpha 1", "Beta 2"):
            seeing = seeing.replace(f'label = "{label}"', f'label = "{label}"\nvision = true')
        (tmp_path / "cat.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 2000)
        stage = stage_with(tmp_path, "per_send = 0.012", seeing)
        async with stage.app.run_test(size=(140, 30)) as pilot:
            await stage.ready(pilot)
            stage.screen.attach(read_attachment(tmp_path / "cat.png"))
            stage.screen.composer.insert("Which river?")
            assert "for 2 panes" in await line_with(stage, pilot, "✗ over the budget")
            await pilot.press("enter")
            await stage.sent(pilot)
            await choose(stage, pilot, "Ask Beta 2:")
            assert asked(stage.engine.orders[0]) == ["beta"]
            alpha, _, gamma = (pane.transcript for pane in stage.screen.row.panes)
            assert (alpha.find("to stay in the budget"), alpha.find("can not see images")) == (1, 0)
            assert (gamma.find("to stay in the budget"), gamma.find("can not see images")) == (0, 1)

    async def test_the_answers_may_be_kept_short_for_once(self, tmp_path: Path) -> None:
        stage = stage_with(tmp_path, "day = 0.01")
        async with stage.app.run_test(size=SIZE) as pilot:
            await stage.ready(pilot)
            await stage.ask(pilot, "Which river?")
            (choice,) = [choice for choice in choices(stage) if choice.startswith("At most")]
            await choose(stage, pilot, "At most")
            (limit,) = {lane.max_output for lane in stage.engine.orders[0].lanes}
            assert f"{limit:,} tokens" in choice
            assert 1_500 < limit < 1_600
            assert stage.screen.row.panes[0].transcript.find("tokens at most") == 1

    async def test_it_may_be_sent_once_anyway(self, tmp_path: Path) -> None:
        stage = stage_with(tmp_path, "day = 0.001")
        async with stage.app.run_test(size=SIZE) as pilot:
            await stage.ready(pilot)
            await stage.ask(pilot, "Which river?")
            await choose(stage, pilot, "Send once anyway")
            assert stage.engine.orders[0].force
            for name in ("alpha", "beta", "gamma"):
                stage.engine.finish(stage.engine.lane(name), "The Rhine")
            await stage.settled(pilot)
            await stage.ask(pilot, "And now?")
            assert len(stage.engine.orders) == 1
            assert dialog(stage)

    async def test_block_leaves_no_way_over_the_cap(self, tmp_path: Path) -> None:
        stage = stage_with(tmp_path, 'day = 0.0125\non_exceed = "block"')
        async with stage.app.run_test(size=SIZE) as pilot:
            await stage.ready(pilot)
            await stage.ask(pilot, "Which river?")
            assert not any("anyway" in choice for choice in choices(stage))
            assert len(choices(stage)) > 2

    async def test_degrade_asks_the_cheapest_alone_and_says_so(self, tmp_path: Path) -> None:
        stage = stage_with(tmp_path, 'day = 0.0125\non_exceed = "degrade"')
        async with stage.app.run_test(size=SIZE) as pilot:
            await stage.ready(pilot)
            await stage.ask(pilot, "Which river?")
            assert asked(stage.engine.orders[0]) == ["beta"]
            assert stage.screen.row.panes[1].transcript.find("Beta 2 alone was asked, the cheapest") == 1

    async def test_degrade_asks_the_user_when_nothing_fits(self, tmp_path: Path) -> None:
        stage = stage_with(tmp_path, 'day = 0.0001\non_exceed = "degrade"')
        async with stage.app.run_test(size=SIZE) as pilot:
            await stage.ready(pilot)
            await stage.ask(pilot, "Which river?")
            assert choices(stage)[0].startswith("Send nothing")

    async def test_an_unknown_price_says_how_to_set_one(self, tmp_path: Path) -> None:
        stage = stage_with(tmp_path, "day = 1.00", CONFIG)
        async with stage.app.run_test(size=SIZE) as pilot:
            await stage.ready(pilot)
            stage.screen.composer.insert("Which")
            await line_with(stage, pilot, "✗ the budget needs a price for gamma")
            stage.screen.composer.clear()
            await stage.ask(pilot, "Which river?")
            told = facts(stage)
            assert "No price is known for gamma" in told
            assert "[models.gamma]" in told
            assert "--force" not in told
            assert "Gamma 3  no price" in told
            assert "together" not in told  # nobody knows
            await choose(stage, pilot, "Ask Alpha 1 and Beta 2:")
            assert asked(stage.engine.orders[0]) == ["alpha", "beta"]
            gamma = stage.screen.row.panes[2].transcript
            assert (gamma.find("price is not known"), gamma.find("to stay in the budget")) == (1, 0)

    async def test_trouble_with_the_ledger_is_told_and_nothing_leaves(self, tmp_path: Path) -> None:
        stage = stage_with(tmp_path, "day = 1.00")
        async with stage.app.run_test(size=SIZE) as pilot:
            await stage.ready(pilot)
            assert stage.app.backend is not None
            data_dir = stage.app.backend.services.data_dir
            data_dir.mkdir(exist_ok=True)
            (data_dir / "ledger.db").write_bytes(b"no database " * 1000)
            await stage.ask(pilot, "Which river?")
            assert stage.engine.orders == []
            assert "is damaged" in facts(stage)
            assert "Move it away" in facts(stage)
            assert len(choices(stage)) == 2

    async def test_a_paste_that_costs_more_than_one_send_may_asks_first(self, tmp_path: Path) -> None:
        stage = stage_with(tmp_path, "per_send = 0.05")
        async with stage.app.run_test(size=SIZE) as pilot:
            await stage.ready(pilot)
            stage.screen.composer.post_message(Paste("lorem ipsum " * 20_000))
            await pilot.pause()
            await pilot.press("enter")
            await stage.sent(pilot)
            assert stage.engine.orders == []
            assert "$0.0500 for one send" in facts(stage)
            await pilot.press("escape")
            await pilot.pause()
            assert stage.screen.composer.prompt == "lorem ipsum " * 20_000

    async def test_a_retry_is_asked_about_too(self, tmp_path: Path) -> None:
        stage = stage_with(tmp_path, "day = 0.0135")
        async with stage.app.run_test(size=SIZE) as pilot:
            await stage.ready(pilot)
            await stage.ask(pilot, "Which river?")
            for name in ("alpha", "beta", "gamma"):
                stage.engine.finish(stage.engine.lane(name), "The Rhine")
            await stage.settled(pilot)
            spent_already(stage, "0.01")
            await pilot.press("ctrl+r")
            await stage.sent(pilot)
            assert "Send nothing, keep the answer" in choices(stage)
            await pilot.press("enter")
            await pilot.pause()
            assert stage.screen.composer.text == ""
            assert len(stage.engine.orders) == 1
            assert stage.screen.comparison is not None
            assert len(stage.screen.comparison.seats[0].conversation.turns) == 1

    async def test_a_prompt_written_early_is_asked_about_too(self, tmp_path: Path) -> None:
        stage = stage_with(tmp_path, "day = 0.0125")
        stage.curtain.clear()
        async with stage.app.run_test(size=SIZE) as pilot:
            await stage.ask(pilot, "Too early")
            stage.curtain.set()
            while not (isinstance(stage.app.screen, OverBudgetScreen) and stage.app.screen.query("#choices")):
                await pilot.pause(0.01)
            await choose(stage, pilot, "Ask Alpha 1 and Beta 2:")
            assert asked(stage.engine.orders[0]) == ["alpha", "beta"]
            assert stage.screen.row.panes[2].header.phase.word == "ready"


class TestWaiting:
    async def ask(self, stage: Stage, pilot: Pilot[None], *keys: str) -> None:
        """Send a prompt, and press ``keys`` while the budget is checked: until the engine is open again."""
        await stage.ready(pilot)
        stage.engine.open.clear()
        stage.screen.composer.insert("Which river?")
        await pilot.press("enter", *keys)

    async def test_keys_are_taken_while_the_budget_is_checked(self, tmp_path: Path) -> None:
        stage = stage_with(tmp_path, "day = 1.00")
        async with stage.app.run_test(size=SIZE) as pilot:
            await self.ask(stage, pilot, *"next")
            assert stage.screen.composer.text == "next"
            assert stage.screen.asking
            await line_with(stage, pilot, "Checking the budget…")
            stage.engine.open.set()
            await stage.sent(pilot)
            assert len(stage.engine.orders) == 1

    async def test_escape_takes_back_what_the_budget_then_declines(self, tmp_path: Path) -> None:
        stage = stage_with(tmp_path, "day = 0.001")
        async with stage.app.run_test(size=SIZE) as pilot:
            await self.ask(stage, pilot, "escape")
            stage.engine.open.set()
            await stage.sent(pilot)
            assert stage.screen.composer.text == "Which river?"
            assert not stage.screen.running

    async def test_escape_stops_what_the_budget_then_admits(self, tmp_path: Path) -> None:
        stage = stage_with(tmp_path, "day = 1.00")
        async with stage.app.run_test(size=SIZE) as pilot:
            await self.ask(stage, pilot, "escape")
            stage.engine.open.set()
            await stage.sent(pilot)
            await stage.settled(pilot)
            assert sorted(stage.engine.stopped) == ["alpha", "beta", "gamma"]


async def test_a_cap_that_comes_near_is_told_once(tmp_path: Path) -> None:
    stage = stage_with(tmp_path, "day = 0.10")
    told: list[str] = []
    async with stage.app.run_test(size=SIZE, notifications=True) as pilot:
        await stage.ready(pilot)
        spent_already(stage, "0.08")
        for number in range(2):
            await stage.ask(pilot, f"River {number}?")
            for name in ("alpha", "beta", "gamma"):
                stage.engine.finish(stage.engine.lane(name), "The Rhine")
            await stage.settled(pilot)
            while not stage.app._notifications:
                await pilot.pause(0.01)
        told = [str(toast.message) for toast in stage.app._notifications]
    assert len(told) == 1
    assert told[0].startswith("! 82% of the $0.1000 for today is gone")
    assert Decimal(told[0].split("$")[-1].split()[0]) < Decimal("0.02")


@pytest.mark.parametrize("size", [(120, 36), (80, 24), (40, 12)], ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.usefixtures("still")
def test_its_looks(snap_compare: Callable[..., bool], tmp_path: Path, size: tuple[int, int]) -> None:
    stage = stage_with(tmp_path, "day = 0.0125")

    async def look(pilot: Pilot[None]) -> None:
        stage.screen.composer.cursor_blink = False
        await stage.ready(pilot)
        spent_already(stage, "0.001")
        await stage.ask(pilot, "Which river?")

    assert snap_compare(stage.app, terminal_size=size, run_before=look)


@pytest.mark.parametrize(
    ("size", "day"),
    [((120, 20), "1"), ((120, 20), "0.0155"), ((120, 20), "0.0130"), ((40, 12), "0.0135")],
    ids=["ok", "near", "over", "close-low"],
)
@pytest.mark.usefixtures("still")
def test_the_looks_of_a_draft(
    snap_compare: Callable[..., bool], tmp_path: Path, size: tuple[int, int], day: str
) -> None:
    stage = stage_with(tmp_path, f"day = {day}")

    async def look(pilot: Pilot[None]) -> None:
        stage.screen.composer.cursor_blink = False
        await stage.ready(pilot)
        stage.screen.composer.insert("Which river?")
        await line_with(stage, pilot, "left of")

    assert snap_compare(stage.app, terminal_size=size, run_before=look)
