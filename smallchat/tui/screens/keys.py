"""Enters keys for providers, and tells which of them have one."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from smallchat.config.document import name_of
from smallchat.config.provider import KEYLESS_CLIENTS
from smallchat.safe_text import safe_line
from smallchat.tui.screens.key_saving import KeySavingScreen
from smallchat.tui.widgets.key_bar import KeyBar
from smallchat.tui.widgets.lines import Line
from smallchat.tui.widgets.offers import KeyOffer

if TYPE_CHECKING:
    from smallchat.config.provider import Provider, Providers


class KeysScreen(KeySavingScreen):
    """Takes keys one after another; each is at work as soon as it is kept."""

    CSS_PATH = "keys.tcss"
    VERTICAL_BREAKPOINTS = [(0, "-low"), (20, "-high")]  # noqa: RUF012 - typed by Textual
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Back", id="leave_keys", tooltip="Go back"),
        Binding(
            "tab", "app.focus_next", "Next", id="next_in_keys", show=False, tooltip="Go to the next field"
        ),
    ]

    def __init__(
        self,
        config: Path,
        providers: Providers,
        on_kept: Callable[[str], object],
        wanted: Collection[str] = (),
    ) -> None:
        """Enter keys.

        Args:
            config: The configuration's file, which keeps them.
            providers: Who needs keys; uses each new one at once.
            on_kept: Hears of each provider that has a new key.
            wanted: The providers that are asked now: one of them without a key is offered first.
        """
        super().__init__(config)
        self._providers, self._on_kept = providers, on_kept
        known = [providers.get(name) for name in providers.names()]
        self._takers = [provider for provider in known if provider.client not in KEYLESS_CLIENTS]
        self._takers.sort(key=lambda taker: taker.name not in wanted or bool(providers.key_source(taker)))

    def compose(self) -> ComposeResult:
        """Yield the offer, and who has a key."""
        yield Line(Content.styled("Keys", "bold $accent"), id="keys-title")
        yield KeyOffer([(safe_line(provider.label, 40), provider.name) for provider in self._takers])
        with VerticalScroll(id="key-sources-box", can_focus=False):
            yield Static(self._list_sources(), id="key-sources", markup=False)
        yield KeyBar()

    def on_mount(self) -> None:
        """Begin with the key."""
        self.query_one("#key", Input).focus()

    def _list_sources(self) -> Content:
        lines = [self._describe(provider) for provider in self._takers]
        where = Content.styled(f"\nThey are kept in {name_of(self.config)}.", "$quiet")
        return Content.assemble(Content("\n").join(lines), where)

    def _describe(self, provider: Provider) -> Content:
        source = self._providers.key_source(provider)
        mark, told = ("✓", f"from {source}") if source else ("–", "none")
        if source is None and not provider.needs_key:
            told = "none; needs none"
        return Content.assemble(
            (f"{mark} ", "$success" if source else "$quiet"),
            f"{safe_line(provider.label, 22):<24}",
            (safe_line(f"{told} · {provider.base_url or 'address from its variable'}", 90), "$quiet"),
        )

    @on(KeySavingScreen.KeyKept)
    def _use_key(self, message: KeySavingScreen.KeyKept) -> None:
        self._providers.use_key(message.provider, message.key)
        label = self._providers.get(message.provider).label
        how = "works and is kept" if message.tested else "is kept, untested"
        self.toast(f"The key for {label} {how}; it is used from now on.")
        self.query_one("#key-sources", Static).update(self._list_sources())
        self.query_one(KeyOffer).show_kept()
        self._on_kept(message.provider)

    def action_leave(self) -> None:
        """Go back."""
        self.dismiss()
