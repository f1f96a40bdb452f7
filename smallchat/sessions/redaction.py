"""Keys kept out of what is given away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from smallchat.config.keys import BadKey, Secret, scrub
from smallchat.config.provider import Providers

if TYPE_CHECKING:
    from smallchat.config.schema import Settings
    from smallchat.sessions.record import Edit


def key_scrubber(settings: Settings, environ: Mapping[str, str]) -> Edit:
    """Return what masks the user's keys in a text: those of the configuration and of the environment.

    Keys that a command prints are not fetched for it.
    """
    secrets = {header for table in settings.providers.values() for header in table.headers.values()}
    secrets |= {table.api_key for table in settings.providers.values() if table.api_key is not None}
    providers = Providers(settings, environ)
    for provider in map(providers.get, providers.names()):
        try:
            secrets.add(Secret(environ.get(provider.key_env or "", "")))
        except BadKey:
            continue
    return lambda text: scrub(text, secrets)
