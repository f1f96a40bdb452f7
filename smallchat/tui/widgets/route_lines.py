"""The lines of a routed chat: who would answer the draft, and what the session came to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from textual.content import Content
from textual.message import Message

from smallchat.metering.cost import format_usd
from smallchat.metering.wording import format_total
from smallchat.routing.wording import short_names
from smallchat.safe_text import safe_line
from smallchat.tui.widgets.lines import GAP, Line
from smallchat.tui.widgets.send_line import SendLine

if TYPE_CHECKING:
    from smallchat.catalog.model import Model
    from smallchat.engine.choice import Choice
    from smallchat.ledger.headroom import Headroom
    from smallchat.metering.cost import Total
    from smallchat.tui.routed_chat import RoutedChat


class RouteLine(SendLine):
    """Shows who would answer the draft, and how that stands to the budget.

    Attributes:
        choice: What it shows; ``None`` when there is no draft, or nothing known about it yet.
    """

    @dataclass
    class Clicked(Message):
        """The user wants to see why."""

        choice: Choice

    @dataclass
    class Drafted(Message):
        """The draft was decided on. In a thread: counting a long prompt must not delay a key."""

        choice: Choice
        headroom: Headroom | None
        asked_first: str
        draft: int

    def __init__(self) -> None:
        super().__init__()
        self.choice: Choice | None = None

    def tell(self, text: str) -> None:
        """Show ``text`` until the next draft."""
        self._take(None)
        super().tell(text)

    def on_click(self) -> None:
        """Tell that the user wants to see why."""
        if self.choice is not None:
            self.post_message(self.Clicked(self.choice))

    def _take(self, choice: Choice | None) -> None:
        offered, self.choice = self.choice is not None, choice
        self.tooltip = None if choice is None else "Click to see why"
        if offered != (choice is not None):
            self.screen.refresh_bindings()

    def decide(self, chat: RoutedChat, prompt: str) -> None:
        """Show soon who would answer ``prompt``."""
        self._draft += 1
        draft = self._draft
        self._worker.do(lambda: self.post_message(_decide(chat, prompt, draft)))

    def on_route_line_drafted(self, message: Drafted) -> None:
        """Show a decision, unless the draft is another one by now."""
        message.stop()
        if message.draft == self._draft:
            self.show_choice(message.choice, message.headroom, message.asked_first)

    def show_choice(self, choice: Choice, headroom: Headroom | None, asked_first: str = "") -> None:
        """Show ``choice``, what is left of the budget, and whom the second stage asks before that."""
        from smallchat.engine.choice_wording import choice_line

        self._take(choice)
        line = choice_line(choice)
        if choice.decision.model is None:
            self.say(Content.styled(f"✗ {line.removeprefix('→ ')}", "$warning"))
            return
        if asked_first:
            line = f"{safe_line(asked_first, 40)} is asked first; else {line}"
        left, right = Content.styled(line, "$quiet"), Content("")
        if headroom is not None:
            right = self.describe_headroom(headroom)
            fits = left.cell_length + GAP + right.cell_length <= self.content_size.width
            if headroom.level == "ok" and not fits:
                right = Content("")  # who answers, and the price, matter more than a budget that is far
        self.say(left, right)


class RouteTotal(Line):
    """What was spent, and what the same prompts would have cost on each single candidate."""

    def __init__(self) -> None:
        super().__init__(id="route-total")

    async def on_click(self) -> None:
        """Show what was spent, and on what."""
        await self.run_action("app.spend")

    def show(self, total: Total, models: tuple[Model, ...], costs: Mapping[str, Decimal | None]) -> None:
        """Show ``total``, and ``costs`` by the names of ``models``."""
        short = short_names(models)
        singles = [
            f"{safe_line(short[model.name], 20)} {_format_single(costs.get(model.name))}" for model in models
        ]
        spent = Content.assemble(("spent ", "$quiet"), format_total(total))
        alone = Content.styled(f"all on one: {' · '.join(singles)}", "$quiet")
        if spent.cell_length + GAP + alone.cell_length > self.content_size.width:
            self.say(Content.assemble(spent, "  ", alone))  # cut at the end rather than left out
        else:
            self.say(spent, alone)


def _decide(chat: RoutedChat, prompt: str, draft: int) -> RouteLine.Drafted:
    choice, asked = chat.draft(prompt), chat.consultant.model
    name = choice.decision.model
    if name is None:
        return RouteLine.Drafted(choice, None, "", draft)
    headroom = chat.backend.budget.headroom(choice.order(name, chat.keeper.session))
    asked_first = asked.label if asked is not None and chat.router.may_consult(choice) else ""
    return RouteLine.Drafted(choice, headroom, asked_first, draft)


def _format_single(usd: Decimal | None) -> str:
    if usd is None:
        return "no price"
    return f"~{format_usd(usd)}" if usd else "$0"
