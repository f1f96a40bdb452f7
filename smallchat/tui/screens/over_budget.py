"""Asks what to do about a send that the budget does not allow. Nothing has left yet."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from smallchat.ledger.refusal import Reason, Refusal, describe_cap
from smallchat.metering.cost import add, format_usd
from smallchat.safe_text import safe_line, safe_text
from smallchat.tui.question import Question
from smallchat.tui.screens.dialog import Dialog
from smallchat.tui.settings_form import CAPS
from smallchat.tui.widgets.choice_list import ChoiceList
from smallchat.tui.widgets.hint_line import HintLine
from smallchat.tui.widgets.scrolling import TextScroll

NAME_CHARS = 24
UNPRICED = "Not asked: its price is not known, and the budget needs it."
TITLES: dict[Reason, str] = {
    "cap": "Over the budget",
    "unknown_price": "No price under a budget",
    "ledger": "The budget can not be checked",
}


class OverBudgetScreen(Dialog["Question | None"]):
    """Shows what a send needs and what is left; returns what to send instead, or ``None`` for nothing."""

    HELP = "Nothing has left yet: choose what to send, or send nothing."
    CSS_PATH = "over_budget.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Do not send", id="cancel_send",
                tooltip="Send nothing; the prompt goes back to the composer"),
    ]  # fmt: skip

    def __init__(self, question: Question, refusal: Refusal, settings_key: str) -> None:
        """Ask about ``question``, which was declined with ``refusal``.

        Args:
            question: What would be sent.
            refusal: Why it was not.
            settings_key: How the key of the settings is written.
        """
        super().__init__()
        self._question, self._refusal, self._settings_key = question, refusal, settings_key
        self._choices = find_choices(question, refusal)

    def compose(self) -> ComposeResult:
        """Yield the facts, then the choices."""
        with Vertical(id="over-budget") as box:
            box.border_title = TITLES[self._refusal.reason]
            with TextScroll(id="facts"):
                yield Static(safe_text(self._refusal.sentence), markup=False)
                yield Static("\n".join(list_costs(self._question, self._refusal)), id="costs", markup=False)
                yield Static(describe_cure(self._refusal, self._settings_key), id="cure", markup=False)
            yield ChoiceList(*(Content(text) for text, _ in self._choices), id="choices", compact=True)
            yield HintLine(("enter", "chooses"), ("cancel_send", "sends nothing"))

    def on_mount(self) -> None:
        """Begin with the choice that spends nothing."""
        choices = self.query_one("#choices", ChoiceList)
        choices.highlighted = 0
        choices.focus()

    def on_resize(self) -> None:
        """Let the facts be gone to only where there is something to scroll."""
        self.call_after_refresh(self._know_whether_to_scroll)

    def _know_whether_to_scroll(self) -> None:
        facts = self.query_one("#facts", TextScroll)
        facts.can_focus = facts.max_scroll_y > 0

    @on(ChoiceList.OptionSelected)
    def _choose(self, message: ChoiceList.OptionSelected) -> None:
        message.stop()
        self.dismiss(self._choices[message.option_index][1])


def find_choices(question: Question, refusal: Refusal) -> list[tuple[str, Question | None]]:
    """Return what the user can do, in words, and what would be sent then; the safest first."""
    options, claims = refusal.options, refusal.claims
    keeps = "keep the answer" if question.again else "keep the prompt"
    choices: list[tuple[str, Question | None]] = [(f"Send nothing, {keeps}", None)]
    for lanes in options.keep:
        if len(lanes) < len(claims):
            names = " and ".join(_label(question, lane) for lane in lanes)
            worst = add(*(claims[lane].needed for lane in lanes))
            why = UNPRICED if refusal.reason == "unknown_price" else ""
            choices.append((f"Ask {names}: up to {format_usd(worst)}", question.only(lanes, why=why)))
    if (tokens := options.max_output) is not None:
        each = " each" if len(claims) > 1 else ""
        choices.append((f"At most {tokens:,} tokens{each}, this once", question.shortened(tokens)))
    if refusal.on_exceed != "block":
        how = "over the budget" if refusal.reason == "cap" else "whatever it costs"
        choices.append((f"Send once anyway, {how}", question.forced()))
    return choices


def list_costs(question: Question, refusal: Refusal) -> list[str]:
    """Return the worst case of each pane, their sum, and what is left of each cap that is too low."""
    rows = [
        (
            _label(question, lane),
            "no price" if claim.worst_usd is None else f"up to {format_usd(claim.needed)}",
        )
        for lane, claim in enumerate(refusal.claims)
    ]
    if len(rows) > 1 and all(claim.worst_usd is not None for claim in refusal.claims):
        rows.append(("together", f"up to {format_usd(add(*(claim.needed for claim in refusal.claims)))}"))
    for need in refusal.exceeded:
        gone = [
            f"{format_usd(usd)} {what}"
            for usd, what in ((need.settled, "spent"), (need.reserved, "set aside"))
            if usd != Decimal(0)
        ]
        told = f" ({', '.join(gone)})" if gone else ""
        rows.append(("left", f"{format_usd(need.left)} of {describe_cap(need.cap)}{told}"))
    width = max(len(name) for name, _ in rows)
    return [f"{name.ljust(width)}  {text}" for name, text in rows]


def describe_cure(refusal: Refusal, settings_key: str) -> str:
    """Return how to be asked no more, as a sentence: in the settings, where they have it."""
    cure = safe_line(refusal.cure, 400)
    if refusal.reason != "cap":
        return f"{cure}."
    cap = refusal.exceeded[0].cap
    if cap.model:
        return f"Or {cure} in the configuration."
    return f'Or raise "Most $ {CAPS[cap.period][0]}" in the settings ({settings_key}).'


def _label(question: Question, lane: int) -> str:
    return safe_line(question.order.lanes[lane].model.label, NAME_CHARS)
