"""Every test runs apart from its user: an own home, no keys, no configuration."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

HIDDEN_PREFIXES = ("SMALLCHAT_", "OPENAI_", "ANTHROPIC_", "AZURE_", "AWS_", "GOOGLE_", "LLM_")
HIDDEN_SUFFIXES = ("_API_KEY",)

# A deadline would time the machine, not the code.
settings.register_profile("smallchat", deadline=None)
settings.load_profile("smallchat")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the test an empty home and take the developer's keys and settings out of its environment."""
    for name in os.environ:
        if name.startswith(HIDDEN_PREFIXES) or name.endswith(HIDDEN_SUFFIXES):
            monkeypatch.delenv(name)
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "data"))
    monkeypatch.setenv("SMALLCHAT_CONFIG", str(home / "config.toml"))
    monkeypatch.setenv("SMALLCHAT_DATA_DIR", str(home / "smallchat-data"))
    return home
