from __future__ import annotations

import pytest

from smallchat.catalog.catalog import Catalog
from smallchat.config.errors import ConfigError
from smallchat.routing.facts import Facts
from smallchat.routing.presets import Presets, find_hidden
from tests.routing.conftest import own_presets

BULK = {"id": "bulk", "when": {"task": ["classify", "extract"], "tokens": "<8k"}, "use": "gpt-5.4-nano"}


def test_the_five_presets_load_and_every_rule_can_be_reached(presets: Presets) -> None:
    assert presets.names() == ("cost-benefit", "hybrid", "accuracy-first", "task-shape", "subagent")
    assert not [warning for name in presets.names() for warning in presets.warnings(name)]
    assert presets.get().name == "subagent"


def test_own_presets_come_last_and_may_be_the_default(catalog: Catalog) -> None:
    presets = own_presets(catalog, BULK)
    assert presets.names()[-1] == "own"
    assert presets.get("auto").rules[0].why == "bulk"


@pytest.mark.parametrize(
    ("rules", "hidden_by"),
    [
        ([BULK, {**BULK, "id": "late", "when": {"task": "classify", "tokens": "<2k"}}], ("bulk",)),
        ([{**BULK, "when": {}}, {**BULK, "id": "late"}], ("bulk",)),
        (
            [
                {**BULK, "id": "short", "when": {"tokens": "<8k"}},
                {**BULK, "id": "long", "when": {"tokens": ">=8k"}},
                {**BULK, "id": "late", "when": {"ui": True}},
            ],
            ("short", "long"),
        ),
        ([BULK, {**BULK, "id": "late", "when": {"tokens": ">5", "all": [{"tokens": "<6"}]}}], ()),
    ],
)
def test_a_rule_that_is_never_reached_is_told_with_what_hides_it(
    catalog: Catalog, rules: list[dict[str, object]], hidden_by: tuple[str, ...]
) -> None:
    presets = own_presets(catalog, *rules)
    (hidden,) = find_hidden(presets.get("own"))
    assert (hidden.rule, hidden.hidden_by) == ("late", hidden_by)
    (warning,) = presets.warnings("own")
    assert '"late"' in warning
    assert all(f'"{name}"' in warning for name in hidden_by)


def test_rules_that_overlap_are_all_reached(catalog: Catalog) -> None:
    assert not find_hidden(
        own_presets(catalog, BULK, {**BULK, "id": "late", "when": {"tokens": "<9k"}}).get("own")
    )


@pytest.mark.parametrize(
    ("rules", "preset", "words"),
    [
        ([{**BULK, "when": {"tokns": 1}}], {}, ['rule "bulk"', '"tokens"']),
        ([{**BULK, "use": "gpt-5.4-nan"}], {}, ['rule "bulk" use', '"gpt-5.4-nano"']),
        ([BULK, BULK], {}, ['two rules "bulk"']),
        ([], {"fallback": "claude-haiku-45"}, ["fallback", '"claude-haiku-4-5"']),
        ([], {"candidates": ["gpt-5.4-nanno"], "fallback": "x"}, ["candidates", '"gpt-5.4-nano"']),
    ],
)
def test_mistakes_say_where_and_name_the_nearest(
    catalog: Catalog, rules: list[dict[str, object]], preset: dict[str, object], words: list[str]
) -> None:
    with pytest.raises(ConfigError) as caught:
        own_presets(catalog, *rules, **preset).get("own")
    assert all(word in str(caught.value) for word in ("[routing.presets.own]", *words))


def test_an_unknown_preset_names_the_nearest(presets: Presets) -> None:
    with pytest.raises(ConfigError, match='"hybrid"'):
        presets.get("hybird")


def test_facts_have_all_that_rules_may_ask_for() -> None:
    from smallchat.routing.fact_kinds import KINDS

    facts = Facts(tokens=1)
    assert all(getattr(facts, name) in kind.everything for name, kind in KINDS.items())
