from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from smallchat.catalog.catalog import Catalog, UnknownModel, known_models
from smallchat.catalog.model import Price, Rates
from smallchat.config.defaults import _OF_OTHERS, choose_models
from smallchat.config.errors import ConfigError
from smallchat.config.provider import known_providers
from smallchat.config.schema import Settings


def catalog(**models: dict[str, Any]) -> Catalog:
    return Catalog(
        Settings.model_validate({"models": models, "providers": {"gateway": {"base_url": "http://x/v1"}}})
    )


def test_known_models_are_whole() -> None:
    for model in known_models().values():
        assert model.provider in known_providers()
        assert model.label
        assert model.label != model.name
        for limit in (model.max_input, model.max_output):
            assert limit is None or model.context is None or limit <= model.context
        if model.replaced_by:
            assert not known_models()[model.replaced_by].is_retired(date(2026, 11, 20))


@pytest.mark.parametrize("provider", ["openai", "anthropic", *_OF_OTHERS])
def test_the_models_to_begin_with_are_known_and_not_retired(provider: str) -> None:
    names = choose_models(lambda name: name == provider)
    assert len(names) == 2
    for name in names:
        model = catalog().get(name)
        assert model.provider == provider
        assert not model.is_retired(date(2026, 11, 20))


@pytest.mark.parametrize(
    ("name", "retired"), [("claude-3-haiku", True), ("claude-3-5-haiku", True), ("gpt-4o-mini", False)]
)
def test_retirement(name: str, retired: bool) -> None:
    assert catalog().get(name).is_retired(date(2026, 11, 20)) is retired
    assert catalog().get("gpt-4o-mini").is_retired(date(2027, 1, 14))


@pytest.mark.parametrize(
    ("name", "params", "refused"),
    [
        ("claude-haiku-5-5", {"temperature": 0.2, "stop_sequences": ["x"]}, {"temperature"}),
        ("claude-haiku-4-5", {"temperature": 0.2}, set()),
        ("gpt-5.4-mini", {"temperature": 0.2}, set()),
        ("gpt-5.4-mini", {"temperature": 0.2, "reasoning_effort": "none"}, set()),
        (
            "gpt-5.4-mini",
            {"temperature": 0.2, "top_p": 1, "reasoning_effort": "low"},
            {"temperature", "top_p"},
        ),
        ("gpt-6-luna", {"temperature": 0.2}, {"temperature"}),
        ("gpt-6-luna", {"temperature": 0.2, "reasoning_effort": "none"}, set()),
    ],
)
def test_refused_params(name: str, params: dict[str, Any], refused: set[str]) -> None:
    assert known_models()[name].refused(params) == refused


def test_the_built_in_model_is_there_twice() -> None:
    cool, warm = catalog().get("smollm2"), catalog().get("smollm2-warm")
    assert (cool.wire, cool.params) == ("openai", {"temperature": 0.0})
    assert (warm.wire, warm.params) == ("anthropic", {"temperature": 0.8})
    assert cool.provider == warm.provider == "local"


def test_an_override_changes_its_fields_and_no_others() -> None:
    known = known_models()["claude-haiku-4-5"]
    changed = catalog(
        **{"claude-haiku-4-5": {"max_output": 100, "vision": False, "params": {"temperature": 0}}}
    )
    model = changed.get("claude-haiku-4-5")
    assert (model.max_output, model.vision, model.params) == (100, False, {"temperature": 0})
    assert (model.context, model.label, model.tokens_factor) == (
        known.context,
        known.label,
        known.tokens_factor,
    )


def test_a_new_model() -> None:
    price = {"input": Decimal("0.75"), "output": Decimal("4.50"), "as_of": date(2026, 11, 20)}
    fast = {"provider": "gateway", "id": "fast-1", "context": 128_000, "price": price, "system": "Be brief."}
    model = catalog(fast=fast).get("fast")
    assert (model.provider, model.wire_id, model.label, model.context) == (
        "gateway",
        "fast-1",
        "fast",
        128_000,
    )
    assert model.price == Price(Rates(Decimal("0.75"), Decimal("4.50")), as_of=date(2026, 11, 20))
    assert model.system == "Be brief."
    assert model.max_output is None


def test_another_name_for_a_known_model_has_its_limits() -> None:
    model = catalog(cool={"provider": "openai", "id": "gpt-5.4-mini", "params": {"temperature": 0}}).get(
        "cool"
    )
    assert (model.name, model.label, model.max_input) == ("cool", "cool", 272_000)


def test_a_model_file_on_this_machine() -> None:
    model = catalog(mine={"provider": "local", "path": "/models/mine.gguf"}).get("mine")
    assert model.path == Path("/models/mine.gguf")


def test_a_new_model_needs_a_provider() -> None:
    with pytest.raises(ConfigError, match=r"\[models.fast\] names no provider"):
        catalog(fast={"context": 1000})


def test_any_model_by_provider_and_id() -> None:
    model = catalog().get("ollama/qwen3:4b")
    assert (model.provider, model.wire_id, model.label, model.context) == (
        "ollama",
        "qwen3:4b",
        "qwen3:4b",
        None,
    )
    assert catalog().get("gateway/org/big").wire_id == "org/big"
    known = catalog().get("groq/openai/gpt-oss-20b")
    assert (known.name, known.context) == ("groq/openai/gpt-oss-20b", 131_072)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("gpt-5.4-mni", 'Did you mean "gpt-5.4-mini"?'),
        ("openay/gpt-5.4-mini", 'Did you mean "openai"?'),
        ("groq/", "Known here:"),
        ("\x1b]0;x\x07", "Known here:"),
        ("", "Known here:"),
    ],
)
def test_an_unknown_model_names_the_nearest_in_two_lines(name: str, says: str) -> None:
    with pytest.raises(UnknownModel) as error:
        catalog().get(name)
    first, second = str(error.value).splitlines()
    assert says in first
    assert "smallchat models" in second
    assert "\x1b" not in first
