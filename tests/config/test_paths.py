from __future__ import annotations

from pathlib import Path

import pytest

from smallchat.config import paths
from smallchat.config.errors import ConfigError


def test_option_beats_environment_beats_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMALLCHAT_CONFIG", "/named/by.env")
    assert paths.config_file(Path("/an/option.toml")) == Path("/an/option.toml")
    assert paths.config_file() == Path("/named/by.env")
    monkeypatch.setenv("SMALLCHAT_CONFIG", "")
    assert paths.config_file() == home / "config" / "smallchat" / "config.toml"


def test_data_dir_follows_the_environment(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMALLCHAT_DATA_DIR", "~/elsewhere")
    assert paths.data_dir() == home / "elsewhere"
    monkeypatch.delenv("SMALLCHAT_DATA_DIR")
    assert paths.data_dir() == home / "data" / "smallchat"


@pytest.mark.parametrize("find", [paths.config_file, paths.config_dir, paths.data_dir])
def test_without_a_home_the_cure_is_named(find: object, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SMALLCHAT_CONFIG", "SMALLCHAT_DATA_DIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    # What Python gives a user id without an entry in the password database.
    monkeypatch.setattr("os.path.expanduser", lambda path: path)
    with pytest.raises(ConfigError, match="set HOME"):
        find()  # type: ignore[operator]


def test_a_named_file_in_an_unknown_home_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMALLCHAT_CONFIG", "~nobody-of-this-name/config.toml")
    with pytest.raises(ConfigError, match="home directory"):
        paths.config_file()
