from __future__ import annotations

import pytest

from smallchat.config.advice import advise
from smallchat.config.schema import Settings


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"base_url": "http://gw.example/v1", "api_key": "k"}, "unencrypted"),
        ({"base_url": "http://gw.example/v1", "headers": {"Authorization": "k"}}, "unencrypted"),
        ({"key_env": "MINE"}, "MINE, which is not set"),
        ({"base_url": "https://gw.example/v1"}, 'Add key_env = "OPENAI_API_KEY"'),
    ],
)
def test_warns(table: dict[str, object], words: str) -> None:
    settings = Settings.model_validate({"providers": {"openai": table}})
    warnings = list(advise(settings, {"OPENAI_API_KEY": "sk-0123"}))
    assert any(words in warning for warning in warnings)
    assert all("[providers.openai]" in warning and "sk-0123" not in warning for warning in warnings)


@pytest.mark.parametrize(
    "table",
    [
        {},
        {"api_key": "k"},
        {"base_url": "http://127.0.0.1:1/v1", "api_key": "k"},
        {"base_url": "https://gw.example/v1", "key_env": "OPENAI_API_KEY"},
    ],
)
def test_has_nothing_to_say_about_what_is_fine(table: dict[str, object]) -> None:
    settings = Settings.model_validate({"providers": {"openai": table}})
    assert list(advise(settings, {"OPENAI_API_KEY": "sk-0123"})) == []
