"""Who serves models: where, over which wire, and with which key."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal

from smallchat.config.addresses import host_of, same_url
from smallchat.config.defaults import choose_models
from smallchat.config.errors import ConfigError, suggest
from smallchat.config.keys import BadKey, Secret
from smallchat.safe_text import safe_line

if TYPE_CHECKING:
    from smallchat.config.schema import Settings

Client = Literal["openai", "anthropic", "azure", "bedrock", "vertex", "local"]
KEYLESS_CLIENTS = ("bedrock", "vertex", "local")
_KEY_SOURCES = ("api_key", "key_env", "key_command")
_OPTIONS = ("api_version", "region", "project", "profile")
_LIMITS = ("connect_timeout_s", "idle_timeout_s", "payload_timeout_s")


@dataclass(frozen=True, slots=True)
class Provider:
    """One provider, as it is to be spoken to.

    Attributes:
        name: Its name in the configuration.
        wire: The protocol it speaks.
        client: The SDK's client class that speaks to it.
        base_url: Its address; ``None`` when the client works it out.
        label: Its name on the screen.
        key_env: The environment variable that may hold its key *for this address*; ``None`` when none may.
        needs_key: Whether it is useless without a key.
        is_known_url: Whether the address is the provider's own, so that its public prices apply.
        options: What its client needs besides: ``api_version``, ``region``, ``project``, ``profile``.
        headers: Sent with each request.
        connect_timeout_s: Seconds until a connection must stand.
        idle_timeout_s: Seconds that may pass without a byte.
        payload_timeout_s: Seconds that may pass with bytes, such as pings, but without any content.
    """

    name: str
    wire: Literal["openai", "anthropic"]
    client: Client
    base_url: str | None
    label: str
    key_env: str | None = None
    needs_key: bool = False
    is_known_url: bool = False
    options: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, Secret] = field(default_factory=dict)
    connect_timeout_s: float = 10.0
    idle_timeout_s: float = 60.0
    payload_timeout_s: float = 180.0


@cache
def known_providers() -> Mapping[str, Mapping[str, Any]]:
    """Return the tables of ``known_providers.toml``."""
    return tomllib.loads(Path(__file__).with_name("known_providers.toml").read_text(encoding="utf-8"))


def resolve_provider(name: str, table: Mapping[str, Any], environ: Mapping[str, str]) -> Provider:
    """Return the provider ``name``: what is known about it, changed by its ``table`` of the configuration.

    Raises:
        ConfigError: It is not known and the table has no address, or the environment's address is none.
    """
    known = known_providers().get(name, {})
    own_url = _own_url(known, environ)
    base_url = table.get("base_url") or own_url
    if not known and base_url is None:
        raise ConfigError(f'Unknown provider "{safe_line(name, 60)}". {suggest(name, known_providers())}')
    # The usual variable's key was given for the provider's own address, and goes nowhere else.
    at_home = base_url is None or (own_url is not None and same_url(base_url, own_url))
    client: Client = known.get("client") or table.get("wire") or known.get("wire", "openai")
    key_env = table.get("key_env") or (known.get("key_env") if at_home else None)
    return Provider(
        name=name,
        wire=table.get("wire") or known.get("wire", "openai"),
        client=client,
        base_url=own_url if at_home else base_url,
        label=table.get("label") or known.get("label", name),
        key_env=key_env,
        needs_key=_needs_key(client, base_url, key_env, table),
        is_known_url=bool(known)
        and (at_home or (client == "azure" and host_of(base_url).endswith(".azure.com"))),
        options={option: table[option] for option in _OPTIONS if option in table},
        headers=table.get("headers", {}),
        **{limit: table[limit] for limit in _LIMITS if limit in table},
    )


def find_key(provider: Provider, table: Mapping[str, Any], environ: Mapping[str, str]) -> str | None:
    """Return where a key comes from: ``config``, ``command`` or the name of a variable; ``None`` without one.

    Args:
        provider: The provider that needs the key.
        table: Its table of the configuration.
        environ: The environment.
    """
    if provider.client in KEYLESS_CLIENTS:
        return None
    if table.get("api_key"):
        return "config"
    if table.get("key_command"):
        return "command"
    if provider.key_env and environ.get(provider.key_env, "").strip():
        return provider.key_env
    return None


class Providers:
    """All providers, known and configured, and their keys."""

    def __init__(self, settings: Settings, environ: Mapping[str, str]) -> None:
        """Look providers up in ``settings``, and keys also in ``environ``."""
        self._environ = environ
        self._models = settings.app.models
        self._tables: dict[str, dict[str, Any]] = {
            name: {key: value for key in table.model_fields_set if (value := getattr(table, key)) is not None}
            for name, table in settings.providers.items()
        }
        self._printed: dict[str, Secret] = {}
        self._editions: dict[str, int] = {}
        self._asking = Lock()  # panes ask at once, the command runs once

    def names(self) -> tuple[str, ...]:
        """Return the names of all providers, the known ones first."""
        return tuple(dict.fromkeys((*known_providers(), *self._tables)))

    def get(self, name: str) -> Provider:
        """Return the provider ``name``.

        Raises:
            ConfigError: There is none; the message names the nearest.
        """
        if name not in self.names():
            raise ConfigError(f'Unknown provider "{safe_line(name, 60)}". {suggest(name, self.names())}')
        return resolve_provider(name, self._tables.get(name, {}), self._environ)

    def key_source(self, provider: Provider) -> str | None:
        """Return where a key comes from: ``config``, ``command`` or the name of a variable, else ``None``.

        Never runs the command.
        """
        return find_key(provider, self._tables.get(provider.name, {}), self._environ)

    def key_for(self, provider: Provider) -> Secret | None:
        """Return the key given for the provider's address, or ``None`` when there is none.

        May run the user's ``key_command``, once, and then blocks for up to ten seconds.

        Raises:
            ConfigError: The variable holds what can not be a key, or the command fails.
        """
        table = self._tables.get(provider.name, {})
        source = self.key_source(provider)
        if source is None:
            return None
        if source == "config":
            key: Secret = table["api_key"]
            return key
        if source == "command":
            return self._ask_command(provider.name, table["key_command"])
        try:
            return Secret(self._environ[source])
        except BadKey as error:
            problem = str(error)
        raise ConfigError(f"The key in {source} {problem}.")

    def use_key(self, name: str, key: Secret) -> None:
        """Take ``key`` for the provider ``name`` from now on, as :func:`~smallchat.config.writing.set_key`.

        May be called from any thread.
        """
        self._change_key(name, {"api_key": key})

    def forget_key(self, name: str) -> None:
        """Forget what the configuration said, as :func:`~smallchat.config.writing.remove_key`.

        May be called from any thread.
        """
        self._change_key(name, {})

    def _change_key(self, name: str, said: Mapping[str, Any]) -> None:
        table = {key: value for key, value in self._tables.get(name, {}).items() if key not in _KEY_SOURCES}
        self._tables[name] = {**table, **said}
        self._printed.pop(name, None)
        self._editions[name] = self.edition(name) + 1

    def config_keys(self) -> list[Secret]:
        """Return the keys that the configuration holds, those entered since the start among them."""
        return [table["api_key"] for table in self._tables.values() if "api_key" in table]

    def edition(self, name: str) -> int:
        """Return how often the key of the provider ``name`` has changed since the start."""
        return self._editions.get(name, 0)

    def default_models(self) -> tuple[str, ...]:
        """Return the models to compare when none are named; see :mod:`smallchat.config.defaults`."""
        return self._models or choose_models(lambda name: self.key_source(self.get(name)) is not None)

    def _ask_command(self, name: str, command: str) -> Secret:
        from smallchat.config.key_command import run_key_command

        with self._asking:
            if name not in self._printed:
                where = f"key_command of [providers.{safe_line(name, 60)}]"
                self._printed[name] = run_key_command(command, where, self._environ)
            return self._printed[name]


def is_loopback(base_url: str | None) -> bool:
    """Return whether ``base_url`` is on this machine."""
    host = host_of(base_url)
    try:
        return host == "localhost" or host.endswith(".localhost") or ip_address(host).is_loopback
    except ValueError:
        return False


def _needs_key(client: str, base_url: str | None, key_env: str | None, table: Mapping[str, Any]) -> bool:
    """Return whether to refuse sending without a key; one's own gateway may well want none."""
    if client in KEYLESS_CLIENTS or is_loopback(base_url):
        return False
    return client == "azure" or bool(key_env or table.get("api_key") or table.get("key_command"))


def _own_url(known: Mapping[str, str], environ: Mapping[str, str]) -> str | None:
    """Return the address that the known provider's usual key belongs to."""
    variable = known.get("base_url_env", "")
    url = environ.get(variable, "").strip() or known.get("base_url")
    if url is not None and not (url.startswith(("https://", "http://")) and host_of(url)):
        raise ConfigError(f'{variable} must hold an address such as "https://NAME.openai.azure.com".')
    return url
