"""Presets: which models may answer, and the rules that choose among them, first match first."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from smallchat.catalog.model import Model
from smallchat.config.errors import ConfigError, suggest
from smallchat.routing.conditions import Condition, TooManyAlternatives, parse_condition, subtract
from smallchat.safe_text import safe_line

if TYPE_CHECKING:
    from smallchat.catalog.catalog import Catalog
    from smallchat.config.schema import RoutingSettings

AUTO = "auto"
"""The name that stands for the preset that the configuration takes as its default."""

Sticky = Literal["off", "upgrade", "session"]

_FOLDER = Path(__file__).with_name("presets")
_ORDER = ("cost-benefit", "hybrid", "accuracy-first", "task-shape", "subagent")


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: its name, when it holds, the models to try in order, and the reason for people."""

    id: str
    when: Condition
    use: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Preset:
    """A way to choose models.

    Attributes:
        name: Its name.
        description: What it is for.
        candidates: The models it may choose, weakest first.
        fallback: The candidate that answers when no rule holds.
        sticky: Whether the model of a session changes: ``off`` freely, ``upgrade`` only to a later
            candidate, ``session`` never.
        rules: Its rules, in order.
    """

    name: str
    description: str
    candidates: tuple[Model, ...]
    fallback: str
    sticky: Sticky
    rules: tuple[Rule, ...]

    def candidate(self, name: str) -> Model:
        """Return the candidate ``name``."""
        return next(model for model in self.candidates if model.name == name)


@dataclass(frozen=True, slots=True)
class HiddenRule:
    """A rule that can never be reached, and the earlier rules that hide it; none when it never holds."""

    rule: str
    hidden_by: tuple[str, ...]

    def __str__(self) -> str:
        rule = safe_line(self.rule, 60)
        if not self.hidden_by:
            return f'rule "{rule}" can never hold: its conditions exclude each other'
        rules = "rules" if len(self.hidden_by) > 1 else "rule"
        names = " and ".join(f'"{safe_line(name, 60)}"' for name in self.hidden_by)
        return f'rule "{rule}" can never be reached: {rules} {names} before it takes all that it would match'


class Presets:
    """The presets there are: the known ones, and those of the configuration, which win."""

    def __init__(self, settings: RoutingSettings, catalog: Catalog) -> None:
        """Read nothing yet: a preset is checked when it is asked for."""
        self._default = settings.default
        self._catalog = catalog
        own = {name: preset.model_dump() for name, preset in settings.presets.items()}
        self._tables: dict[str, Mapping[str, Any]] = {**known_presets(), **own}
        self._built: dict[str, Preset] = {}

    def names(self) -> tuple[str, ...]:
        """Return all names: the known presets first, then the configuration's."""
        return tuple(self._tables)

    def get(self, name: str = AUTO) -> Preset:
        """Return the preset ``name``; ``auto`` is the configuration's default.

        Raises:
            ConfigError: There is none, or it names a fact, a comparison or a model that is not known.
        """
        where = "" if name != AUTO or AUTO in self._tables else "[routing] default: "
        name = self._default if where else name
        if name not in self._tables:
            raise ConfigError(f'{where}unknown preset "{safe_line(name, 60)}". {suggest(name, self.names())}')
        if name not in self._built:
            self._built[name] = self._build(name, self._tables[name])
        return self._built[name]

    def warnings(self, name: str) -> tuple[str, ...]:
        """Return what is odd about the preset ``name``, one line each: rules that can never be reached."""
        preset = self.get(name)
        return tuple(f"preset {safe_line(preset.name, 60)}: {hidden}" for hidden in find_hidden(preset))

    def _build(self, name: str, table: Mapping[str, Any]) -> Preset:
        where = f"[routing.presets.{safe_line(name, 60)}]"
        candidates = tuple(table["candidates"])
        if not candidates:
            raise ConfigError(f"{where} names no candidates: add the models that it may choose.")
        try:
            models = tuple(self._catalog.get(candidate) for candidate in candidates)
        except ConfigError as error:
            raise ConfigError(f"{where} candidates: {error.problems[0]}") from None
        _check_candidate(f"{where} fallback", table["fallback"], candidates)
        rules = tuple(_build_rule(where, rule, candidates) for rule in table["rules"])
        ids = [rule.id for rule in rules]
        twice = next((one for one in ids if ids.count(one) > 1), None)
        if twice is not None:
            raise ConfigError(f'{where} has two rules "{safe_line(twice, 60)}": give one another id.')
        return Preset(
            name=name,
            description=table["description"],
            candidates=models,
            fallback=table["fallback"],
            sticky=table.get("sticky", "off"),
            rules=rules,
        )


@cache
def known_presets() -> Mapping[str, Mapping[str, Any]]:
    """Return the tables of ``presets/*.toml`` by name."""
    tables = {name: tomllib.loads((_FOLDER / f"{name}.toml").read_text(encoding="utf-8")) for name in _ORDER}
    return MappingProxyType(tables)


def find_hidden(preset: Preset) -> tuple[HiddenRule, ...]:
    """Return the rules of ``preset`` that no prompt can reach.

    What a rule matches is reduced by what each rule before it matches; when nothing is left, those that
    took something hide it. A rule too complex to tell is not reported.
    """
    hidden = []
    for i, rule in enumerate(preset.rules):
        left, takers = rule.when, []
        try:
            for earlier in preset.rules[:i]:
                if not left:
                    break
                rest = subtract(left, earlier.when)
                if rest != left:
                    takers.append(earlier.id)
                left = rest
        except TooManyAlternatives:
            continue
        if not left:
            hidden.append(HiddenRule(rule.id, tuple(takers)))
    return tuple(hidden)


def _build_rule(where: str, table: Mapping[str, Any], candidates: tuple[str, ...]) -> Rule:
    place = f'{where} rule "{safe_line(table["id"], 60)}"'
    use = table["use"]
    use = (use,) if isinstance(use, str) else tuple(use)
    if not use:
        raise ConfigError(f"{place} uses no model.")
    for name in use:
        _check_candidate(f"{place} use", name, candidates)
    try:
        when = parse_condition(table["when"])
    except ConfigError as error:
        raise ConfigError(f"{place}: {error.problems[0]}") from None
    return Rule(id=table["id"], when=when, use=use, why=table.get("why") or table["id"])


def _check_candidate(where: str, name: str, candidates: Iterable[str]) -> None:
    if name not in candidates:
        raise ConfigError(f'{where}: "{safe_line(name, 60)}" is not a candidate. {suggest(name, candidates)}')
