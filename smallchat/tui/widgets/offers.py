"""Two offers of the welcome screen. Each tells the screen what was chosen, and does nothing itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Button, Static

from smallchat.config.defaults import MOST_MODELS
from smallchat.safe_text import safe_text
from smallchat.tui.probe import FoundServer
from smallchat.tui.widgets.check_list import CheckList
from smallchat.tui.widgets.lines import Line, draw_progress
from smallchat.tui.widgets.row_list import RowList

_TRY = "Try it now ⏎"


class LocalOffer(Vertical):
    """Runs the built-in model: fetches its weights once, with progress."""

    class Accepted(Message):
        """The user wants to try the local model."""

    class CancelRequested(Message):
        """The user wants the download to stop."""

    def __init__(self, megabytes: int, problem: str) -> None:
        """Offer a download of ``megabytes``, or say with ``problem`` why there is none."""
        super().__init__()
        self._problem = problem
        self._text = f"SmolLM2-135M on your own CPU. No key, no account; {megabytes} MB, fetched once."
        self.fetching = False

    def compose(self) -> ComposeResult:
        """Yield the offer."""
        yield Static("Try a model on this computer", classes="offer-title", markup=False)
        yield Static(safe_text(self._problem) or self._text, id="local-text", markup=False)
        with Horizontal(classes="row"):
            yield Button(_TRY, variant="primary", compact=True, id="try", disabled=bool(self._problem))
            yield Line(id="progress")

    def show_progress(self, done: int, total: int | None) -> None:
        """Show bytes fetched, of ``total`` where it is known."""
        if not self.fetching:
            self.query_one("#local-text", Static).update(self._text)
        self.fetching = True
        self.query_one("#try", Button).label = "Cancel"
        bar = _draw_download(done, total, max(10, self.query_one(Line).size.width - 24))
        self.query_one(Line).say(bar)

    def show_end(self, message: str) -> None:
        """Show why there is no model yet; the offer stands again."""
        self.fetching = False
        self.query_one("#try", Button).label = _TRY
        self.query_one("#local-text", Static).update(safe_text(message))
        self.query_one(Line).say("")

    @on(Button.Pressed, "#try")
    def _tell(self, event: Button.Pressed) -> None:
        event.stop()
        self.post_message(self.CancelRequested() if self.fetching else self.Accepted())


class ServerOffer(Vertical):
    """Lists the models of servers found on this machine."""

    class SearchRequested(Message):
        """The user has started a server, and wants it found."""

    @dataclass
    class Picked(Message):
        """The user picked models: names in smallchat."""

        models: tuple[str, ...]

    def __init__(self) -> None:
        """Begin with nothing found."""
        super().__init__()
        self._searched_by_hand = False

    def compose(self) -> ComposeResult:
        """Yield what is known before the search has ended."""
        yield Static("Use a server on this computer", classes="offer-title", markup=False)
        yield Static("", id="server-text", markup=False)
        yield CheckList(id="models")
        with Horizontal(classes="row"):
            yield Button("Compare these", compact=True, id="pick")
            yield Button("Look again", compact=True, id="look")

    def on_mount(self) -> None:
        """Begin with the search."""
        self.search()

    def search(self) -> None:
        """Say that the search runs."""
        self.query_one("#server-text", Static).update("Looking for Ollama and LM Studio…")
        for button in self.query(Button):
            button.display = False
        self.query_one("#models").display = False

    def show(self, servers: Sequence[FoundServer]) -> None:
        """Show what was found."""
        models = [(server, model) for server in servers for model in server.models]
        names = " and ".join(server.label for server in servers)
        if models:
            told = f"{names} is listening. Tick up to {MOST_MODELS} models with Space or a click."
        elif any(server.provider == "ollama" for server in servers):
            told = "Ollama has no model yet: for one, run  ollama pull qwen3:0.6b"
        elif servers:
            told = f"{names} has no model yet: load one there."
        else:
            told = "Neither Ollama nor LM Studio is listening. Start one, then look again."
        self.query_one("#server-text", Static).update(safe_text(told))
        self.query_one("#look").display = not models
        self.query_one("#pick").display = self.query_one("#models").display = bool(models)
        listed = self.query_one(CheckList)
        first = [f"{server.provider}/{model}" for server, model in models if model in server.models[:2]]
        listed.show(
            [(f"{server.label}: {model}", f"{server.provider}/{model}") for server, model in models],
            taken=set(first[:MOST_MODELS]),
        )
        if models and self._searched_by_hand:
            listed.focus()

    @on(Button.Pressed, "#look")
    def _ask_to_look(self, event: Button.Pressed) -> None:
        event.stop()
        self._searched_by_hand = True
        self.post_message(self.SearchRequested())

    @on(Button.Pressed, "#pick")
    @on(RowList.Chosen)
    def _tell(self, event: Message) -> None:
        event.stop()
        chosen = self.query_one(CheckList).chosen
        if 1 <= len(chosen) <= MOST_MODELS:
            self.post_message(self.Picked(chosen))
        else:
            self.query_one("#server-text", Static).update(
                f"Choose one to {MOST_MODELS} models, not {len(chosen)}."
            )


def _draw_download(done: int, total: int | None, width: int) -> Content:
    megabytes = f"{done / 1e6:.0f}" + (f" of {total / 1e6:.0f} MB" if total else " MB")
    if not total:
        return Content.styled(f"{megabytes} fetched", "$quiet")
    told = (f" {done / total:4.0%}  {megabytes}", "$quiet")
    return Content.assemble(draw_progress(done / total, width), told)
