"""Chooses the model of a pane: found by typing, with what it costs, holds and needs beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from smallchat.config.defaults import MOST_MODELS
from smallchat.safe_text import safe_line
from smallchat.tui.latest import LatestOnly
from smallchat.tui.model_choices import (
    explain_nothing,
    find_choices,
    list_choices,
    tell_more,
)
from smallchat.tui.screens.dialog import Dialog
from smallchat.tui.widgets.key_bar import KeyBar
from smallchat.tui.widgets.lines import Line
from smallchat.tui.widgets.model_list import ModelList
from smallchat.tui.widgets.row_list import RowList
from smallchat.tui.widgets.text_field import TextField

if TYPE_CHECKING:
    from smallchat.catalog.model import Model, Price
    from smallchat.engine.services import Services


@dataclass(frozen=True, slots=True)
class Picked:
    """What the user wants: another model in the current pane, or in a new one, or the current one gone."""

    action: Literal["change", "add", "remove"]
    model: Model | None = None


class ModelPickerScreen(Dialog["Picked | None"]):
    """Gives back what is to become of the current pane, or ``None``."""

    CSS_PATH = "model_picker.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "take", "Take it", id="take_model", priority=True,
                tooltip="Ask this model from the next prompt on"),
        Binding("escape", "dismiss(None)", "Back", id="leave_models", tooltip="Go back, change nothing"),
        Binding("f6", "add", "Add pane", id="add_pane", tooltip="Ask this model in a pane of its own"),
        Binding("f7", "remove", "Remove pane", id="remove_pane",
                tooltip="Take the current pane away; what it answered stays in the session"),
        Binding("up", "move(-1)", "Up", id="model_up", show=False, tooltip="Go to the model above"),
        Binding("down", "move(1)", "Down", id="model_down", show=False, tooltip="Go to the model below"),
        Binding("pageup", "move_page(-1)", "Page up", id="models_up", show=False, tooltip="Go a page up"),
        Binding("pagedown", "move_page(1)", "Page down", id="models_down", show=False,
                tooltip="Go a page down"),
    ]  # fmt: skip

    @dataclass
    class Priced(Message):
        """The prices are known."""

        prices: Mapping[str, Price | None]

    def __init__(self, services: Services, seated: Sequence[str], current: int | None = None) -> None:
        """Choose for the pane ``current``.

        Args:
            services: The catalog, the prices and the keys.
            seated: The names of the models that the panes ask.
            current: The position of the pane that is to change; ``None`` for one more than ``seated``.
        """
        super().__init__()
        self._services, self._seated, self._current = services, tuple(seated), current
        self._choices = list_choices(services, self._seated)
        self._reader = LatestOnly("smallchat-prices")
        self.list = ModelList()

    def compose(self) -> ComposeResult:
        """Yield search, models and keys."""
        with Vertical(id="model-picker") as box:
            box.border_title = self._name_task()
            yield TextField(
                placeholder="Search, or PROVIDER/ID for any other", compact=True, id="model-search"
            )
            yield Line(id="models-heading")
            yield self.list
            yield Static(id="model-detail", markup=False)
            yield KeyBar()

    def _name_task(self) -> str:
        if self._current is None:
            return "One more model"
        return f"The model of pane {self._current + 1}" if len(self._seated) > 1 else "The model"

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer panes only where there are some."""
        return self._current is not None if action in ("add", "remove") else True

    def on_mount(self) -> None:
        """Begin with all models, and look their prices up in a thread."""
        self.list.can_focus = False
        self.query_one("#model-search").focus()
        self.list.show(self._choices)
        if self._current is not None:
            places = [choice.pane for choice in self._choices]
            self.list.cursor = places.index(self._current + 1) if self._current + 1 in places else 0
        self._price()

    def on_unmount(self) -> None:
        """End the thread."""
        self._reader.end()

    def _price(self) -> None:
        models, prices = [choice.model for choice in self.list.choices], self._services.prices
        self._reader.do(
            lambda: self.post_message(self.Priced({model.name: prices.price(model) for model in models}))
        )

    @on(Priced)
    def _show_prices(self, message: Priced) -> None:
        self.list.prices = {**(self.list.prices or {}), **message.prices}
        self.list.refresh()
        self._describe_current()

    @on(Input.Changed, "#model-search")
    def _search(self, message: Input.Changed) -> None:
        message.stop()
        found = find_choices(self._choices, message.value, self._services, self._seated)
        self.list.show(found)
        if any(choice.model.name not in (self.list.prices or {}) for choice in found):
            self._price()

    @on(RowList.Moved)
    def _describe_current(self) -> None:
        count = len(self.list.choices)
        roomy = self.list.size.width >= 60
        found = (
            f"{count} model{'' if count == 1 else 's'} · $ per million{' tokens' if roomy else ''}, in / out"
        )
        self.query_one("#models-heading", Line).say(Content.styled(found, "$quiet"))
        choice = self.list.current
        if choice is None:
            text = explain_nothing(self.query_one("#model-search", Input).value, self._services)
        else:
            text = tell_more(choice.model, (self.list.prices or {}).get(choice.model.name))
        self.query_one("#model-detail", Static).update(Content.styled(safe_line(text, 200), "$quiet"))

    # Keys go to the list while the search is written

    def action_move(self, step: int) -> None:
        """Go to another model."""
        self.list.action_move(step)

    def action_move_page(self, step: int) -> None:
        """Go a page up or down."""
        self.list.action_move_page(step)

    # What is done with it

    @on(RowList.Chosen)
    def action_take(self) -> None:
        """Ask the model in the current pane."""
        self._pick("change")

    def action_add(self) -> None:
        """Ask the model in a new pane."""
        if len(self._seated) >= MOST_MODELS:
            self._tell(f"! There are {MOST_MODELS} panes already: remove one first.")
        else:
            self._pick("add")

    def action_remove(self) -> None:
        """Take the current pane away."""
        if len(self._seated) == 1:
            self._tell("! One pane has to stay.")
        else:
            self.dismiss(Picked("remove"))

    def _pick(self, action: Literal["change", "add"]) -> None:
        choice = self.list.current
        if choice is None:
            return
        if self._current is not None and choice.pane == self._current + 1 and action == "change":
            self.dismiss(None)
        elif choice.pane is not None:
            name = safe_line(choice.model.name, 60)
            self._tell(f"! {name} is in pane {choice.pane}: choose another. To have it twice: [models.NAME].")
        else:
            self.dismiss(Picked(action, choice.model))

    def _tell(self, text: str) -> None:
        self.query_one("#model-detail", Static).update(Content.styled(safe_line(text, 200), "$warning"))
