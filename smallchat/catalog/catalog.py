"""The models there are: the known ones, changed and added to by the user's config."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from smallchat.catalog.model import Model, Price, Rates
from smallchat.config.errors import ConfigError, suggest
from smallchat.config.provider import known_providers
from smallchat.safe_text import safe_line

if TYPE_CHECKING:
    from smallchat.config.schema import ModelSettings, PriceSettings, Settings

_SAME_NAME = ("label", "wire", "context", "max_input", "max_output", "vision", "params", "path", "system")


class UnknownModel(ConfigError):  # noqa: N818 - says what is wrong, as BadKey does
    """No model has this name."""

    def __init__(self, problem: str) -> None:
        """Say what is wrong with the name, and where the names are."""
        super().__init__(f'{problem}\n"smallchat models" lists them; any other is written PROVIDER/ID.')


class Catalog:
    """All models by name: those of ``models.toml`` and those of the config."""

    def __init__(self, settings: Settings) -> None:
        """Lay ``[models.*]`` over the known models, field by field.

        Raises:
            ConfigError: A model that is not known names no provider.
        """
        self._providers = {*known_providers(), *settings.providers}
        self._models = dict(known_models())
        for name, changes in settings.models.items():
            self._models[name] = _apply(name, changes)

    def names(self) -> tuple[str, ...]:
        """Return all names: the known models first, then the config's."""
        return tuple(self._models)

    def models(self) -> tuple[Model, ...]:
        """Return all models, in the order of ``names``."""
        return tuple(self._models.values())

    def get(self, name: str) -> Model:
        """Return the model ``name``, or the model that ``PROVIDER/ID`` names on the wire.

        ``groq/llama-guard-4`` works although nothing is known about it, limits included.

        Raises:
            UnknownModel: There is none; the message names the nearest.
        """
        if name in self._models:
            return self._models[name]
        provider, slash, wire_id = name.partition("/")
        if provider in self._providers and wire_id:
            known = _known_on_wire(provider, wire_id)
            if known is None:
                return Model(name, provider, wire_id, label=wire_id.rpartition("/")[2] or wire_id)
            return replace(known, name=name)
        shown = safe_line(name, 60)
        if slash and provider not in self._providers:
            near = suggest(provider, self._providers)
            raise UnknownModel(f'Unknown provider in "{shown}". {near}')
        raise UnknownModel(f'Unknown model "{shown}". {suggest(name, self._models)}')


@cache
def known_models() -> Mapping[str, Model]:
    """Return the models of ``models.toml`` by name."""
    tables = tomllib.loads(Path(__file__).with_name("models.toml").read_text(encoding="utf-8"))
    return MappingProxyType({name: _read(name, table) for name, table in tables.items()})


def _read(name: str, table: dict[str, Any]) -> Model:
    return Model(
        name=name,
        wire_id=table.pop("id", name),
        refused_params=frozenset(table.pop("refused", ())),
        refused_when_reasoning=frozenset(table.pop("refused_when_reasoning", ())),
        **table,
    )


def _apply(name: str, changes: ModelSettings) -> Model:
    """Return the model ``name`` of the config: a known one, changed, or a new one."""
    known = known_models().get(name)
    provider = changes.provider or (known.provider if known else None)
    if provider is None:
        raise ConfigError(f'[models.{safe_line(name, 60)}] names no provider: add provider = "..." to it.')
    wire_id = changes.id or (known.wire_id if known else name)
    if known is None:
        # Another name for a known model has its limits and abilities, but not its label.
        blank = Model(name, provider, wire_id, label=name)
        known = replace(_known_on_wire(provider, wire_id) or blank, name=name, label=name)
    given = {field: value for field in _SAME_NAME if (value := getattr(changes, field)) is not None}
    price = _read_price(changes.price) if changes.price else None
    return replace(known, provider=provider, wire_id=wire_id, price=price, **given)


def _read_price(stated: PriceSettings) -> Price:
    rates = Rates(
        input=stated.input,
        output=stated.output,
        cached_input=stated.cached_input,
        cache_write=stated.cache_write,
        cache_write_1h=stated.cache_write_1h,
    )
    return Price(rates, as_of=stated.as_of, source="config")


def _known_on_wire(provider: str, wire_id: str) -> Model | None:
    models = known_models().values()
    return next((model for model in models if (model.provider, model.wire_id) == (provider, wire_id)), None)
