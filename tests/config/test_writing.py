from __future__ import annotations

import errno
import os
import stat
import tomllib
from pathlib import Path
from typing import Any

import pytest

from smallchat.config.errors import ConfigError
from smallchat.config.keys import Secret
from smallchat.config.reading import load_settings
from smallchat.config.schema import Settings
from smallchat.config.writing import init_config, remove_key, set_key, update_config

KEY = "sk-0123456789abcdef"
SECRET = Secret(KEY)


@pytest.fixture
def config(home: Path) -> Path:
    return home / "deep" / "er" / "config.toml"


def write(config: Path, text: str) -> None:
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_bytes(text.encode())
    config.chmod(0o600)


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def use_theme(data: dict[str, Any]) -> None:
    data.setdefault("app", {})["theme"] = "other"


def leftovers(config: Path) -> set[str]:
    return {path.name for path in config.parent.iterdir()} - {"config.toml", "config.toml.bak"}


def test_the_first_key_makes_the_file_and_its_directory(config: Path) -> None:
    written = set_key(config, "openai", SECRET)
    assert (written.path, written.backup) == (config, None)
    assert mode_of(config) == 0o600
    assert load_settings(config).providers["openai"].api_key == SECRET


def test_the_previous_file_is_kept_byte_for_byte_for_its_owner_alone(config: Path) -> None:
    before = "\ufeff# mine\r\n[app]\r\ntheme = 'x' # dark\r\n"
    write(config, before)
    config.chmod(0o644)
    written = set_key(config, "openai", SECRET)
    assert written.backup is not None
    assert written.backup.read_bytes() == before.encode()
    assert (mode_of(config), mode_of(written.backup)) == (0o600, 0o600)
    assert "# mine" in config.read_text()
    assert not written.comments_lost
    assert leftovers(config) == set()


def test_lost_comments_are_told_and_are_in_the_previous_file(config: Path) -> None:
    write(config, "providers.openai.label = 'x' # mine\n")
    written = set_key(config, "openai", SECRET)
    assert written.comments_lost
    assert written.backup is not None
    assert "# mine" in written.backup.read_text()
    settings = load_settings(config)
    assert (settings.providers["openai"].label, settings.providers["openai"].api_key) == ("x", SECRET)


def test_prices_survive_to_the_last_digit(config: Path) -> None:
    write(config, "models.a.price = { input = 0.10, output = 1.2345678901234567890, as_of = 2026-11-20 }\n")
    before = load_settings(config)
    update_config(config, use_theme)
    assert load_settings(config).models == before.models
    assert "1.2345678901234567890" in config.read_text()


def test_a_key_replaces_the_other_sources_of_its_table(config: Path) -> None:
    write(config, "[providers.openai]\nkey_env = 'MINE'\nlabel = 'x'\n")
    set_key(config, "openai", SECRET)
    assert tomllib.loads(config.read_text())["providers"]["openai"] == {"label": "x", "api_key": KEY}


def test_a_removed_key_is_gone(config: Path) -> None:
    set_key(config, "openai", SECRET)
    remove_key(config, "openai")
    assert KEY not in config.read_text()
    with pytest.raises(ConfigError, match="no key for openai"):
        remove_key(config, "openai")


def test_a_link_stays_a_link(config: Path, home: Path) -> None:
    write(config, "[app]\n")
    link = home / "link.toml"
    link.symlink_to(config)
    written = set_key(link, "openai", SECRET)
    assert link.is_symlink()
    assert written.path == config
    assert KEY in config.read_text()
    dangling = home / "dangling.toml"
    dangling.symlink_to(home / "target.toml")
    set_key(dangling, "openai", SECRET)
    assert KEY in (home / "target.toml").read_text()


@pytest.mark.parametrize(
    "content", ["[app", "[app]\nthem = 'x'\n", "[providers]\nopenai = 3\n", "é".encode("latin-1")]
)
def test_a_broken_file_is_never_overwritten(config: Path, content: str | bytes) -> None:
    raw = content if isinstance(content, bytes) else content.encode()
    write(config, "")
    config.write_bytes(raw)
    with pytest.raises(ConfigError, match=r"config\.toml"):
        set_key(config, "openai", SECRET)
    assert config.read_bytes() == raw
    assert not config.with_name("config.toml.bak").exists()


def test_an_invalid_change_is_not_written(config: Path) -> None:
    write(config, "[app]\n")
    with pytest.raises(ConfigError, match=r"app\.max_output"):
        update_config(config, lambda data: data["app"].update(max_output=0))
    with pytest.raises(ConfigError, match='"opnai"'):
        set_key(config, "opnai", SECRET)
    with pytest.raises(ConfigError, match=r"app\.theme"):
        update_config(config, lambda data: data["app"].update(theme="\ud800"))
    with pytest.raises(ConfigError, match="not text"):
        update_config(config, lambda data: data.update(models={"a": {"params": {"stop": "\ud800"}}}))
    assert config.read_text() == "[app]\n"


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_without_space_the_old_file_is_as_it_was(
    config: Path, call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(config, "[app]\n")

    def fail(*args: object, **kwargs: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os if call == "fsync" else Path, call, fail)
    with pytest.raises(ConfigError, match="No space left on device") as caught:
        set_key(config, "openai", SECRET)
    assert KEY not in str(caught.value)
    assert config.read_text() == "[app]\n"
    assert leftovers(config) == set()


def test_a_directory_that_can_not_be_made_is_told(home: Path) -> None:
    (home / "file").write_text("")
    with pytest.raises(ConfigError, match="can not be"):
        set_key(home / "file" / "config.toml", "openai", SECRET)


@pytest.mark.parametrize("target", ["/dev/null", "."])
def test_what_is_no_file_is_not_replaced(target: str) -> None:
    with pytest.raises(ConfigError, match="is not a file"):
        set_key(Path(target), "openai", SECRET)
    assert Path(target).exists()
    assert not Path(target).is_file()


def test_a_circle_of_links_is_told(home: Path) -> None:
    (home / "a").symlink_to(home / "b")
    (home / "b").symlink_to(home / "a")
    with pytest.raises(ConfigError, match="is not a file"):
        set_key(home / "a", "openai", SECRET)


def test_the_example_is_valid_changes_nothing_and_is_not_written_twice(config: Path) -> None:
    assert init_config(config) == config
    assert mode_of(config) == 0o600
    assert load_settings(config) == Settings()
    with pytest.raises(ConfigError, match="exists already"):
        init_config(config)


def test_every_line_of_the_example_is_valid_when_uncommented(config: Path) -> None:
    init_config(config)
    lines = config.read_text(encoding="utf-8").splitlines()
    settings = [line[2:] for line in lines if line.startswith("# [") or " = " in line[:20]]
    write(config, "\n".join(["[app]", *settings]).replace("…", "x"))
    assert load_settings(config).keys == {"send": "ctrl+j"}


def test_a_key_leaves_the_comments_of_the_example(config: Path) -> None:
    init_config(config)
    example = config.read_text(encoding="utf-8")
    assert not set_key(config, "openai", SECRET).comments_lost
    assert not set_key(config, "anthropic", SECRET).comments_lost
    assert config.read_text(encoding="utf-8").startswith(example.rstrip())
