"""The providers that take keys, one under a cursor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.content import Content

from smallchat.safe_text import safe_line
from smallchat.tui.widgets.lines import spread
from smallchat.tui.widgets.row_list import RowList

if TYPE_CHECKING:
    from smallchat.config.provider import Provider, Providers

ROOMY = 60  # columns from which a provider's address fits beside its name


class ProviderList(RowList):
    """The providers that take keys, and where theirs come from."""

    def __init__(self, takers: Sequence[Provider], providers: Providers) -> None:
        super().__init__(id="key-takers")
        self._takers, self._providers = takers, providers

    @property
    def row_count(self) -> int:
        """How many providers there are."""
        return len(self._takers)

    @property
    def current(self) -> Provider:
        """The provider under the cursor."""
        return self._takers[self.cursor]

    def render_row(self, index: int, width: int) -> Sequence[Content]:
        """Return the line of a provider."""
        taker = self._takers[index]
        source = self._providers.key_source(taker)
        where = f"  {safe_line(taker.base_url or 'address from its variable', 90)}" if width >= ROOMY else ""
        name = Content.assemble(
            ("✓ ", "$success") if source else ("– ", "$quiet"),
            f"{safe_line(taker.label, 22):<14}",
            (where, "$quiet"),
        )
        told = f"from {source}" if source else "none" if taker.needs_key else "needs none"
        return [spread(name, Content.styled(safe_line(told, 40), "$quiet"), width)]
