"""What is allowed in a configuration, but probably not meant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from smallchat.config.provider import Providers, is_loopback, known_providers
from smallchat.safe_text import safe_line

if TYPE_CHECKING:
    from smallchat.config.schema import ProviderSettings, Settings


def advise(settings: Settings, environ: Mapping[str, str]) -> Iterator[str]:
    """Yield a line for each doubtful thing in ``settings``: keys in the clear, keys that are not used."""
    providers = Providers(settings, environ)
    for name, table in settings.providers.items():
        where = f"[providers.{safe_line(name, 60)}]"
        provider = providers.get(name)
        source = providers.key_source(provider)
        url = provider.base_url or ""
        if (source or table.headers) and url.startswith("http://") and not is_loopback(url):
            yield f"{where} sends its key unencrypted to {safe_line(url)}; use https if it can."
        if table.key_env and source is None:
            yield f"{where} takes its key from {table.key_env}, which is not set."
        usual = known_providers().get(name, {}).get("key_env")
        if usual and environ.get(usual) and not provider.key_env and _has_no_key(table):
            yield (
                f"{where} does not get {usual}, which belongs to another address. "
                f'Add key_env = "{usual}" if {safe_line(url)} is to have it.'
            )


def _has_no_key(table: ProviderSettings) -> bool:
    return table.api_key is None and table.key_env is None and table.key_command is None
