"""Prompts are added to the library, and nothing in it is lost."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smallchat.config.errors import ConfigError
from smallchat.config.prompt_keeping import keep_prompt, write_examples, write_template
from smallchat.config.prompts import parse_template, read_library


@given(st.text() | st.text("{}ab 1-_"))
def test_a_template_says_what_the_text_said(text: str) -> None:
    assert parse_template(write_template(text))[0] == text


def test_a_prompt_is_kept_below_the_others(tmp_path: Path) -> None:
    config, file = tmp_path / "config.toml", tmp_path / "prompts.toml"
    file.write_text('# mine\n[sum-up-text-in]\ntext = "Sum up"  # short\n')
    text = 'Sum up {text} in "JSON":\n\n{"words": 5}\x1b\n'
    assert keep_prompt(config, text) == 'Sum up {text} in "JSON": {"words": 5}␛'
    assert file.read_text().startswith('# mine\n[sum-up-text-in]\ntext = "Sum up"  # short\n\n[')
    assert file.stat().st_mode & 0o777 == 0o600
    prompts, problems = read_library(config)
    assert not problems
    kept = {prompt.name: prompt for prompt in prompts}["sum-up-text-in-2"]
    assert (kept.text, kept.fields) == (text, ("{text}",))


def test_a_library_begins_with_its_first_prompt(tmp_path: Path) -> None:
    config = tmp_path / "new" / "config.toml"
    keep_prompt(config, "数字は正直です")
    (prompt,), _ = read_library(config)
    assert (prompt.name, prompt.text) == ("prompt", "数字は正直です")


@pytest.mark.parametrize("content", [b"[x\n", b"\xff", b"x" * 2])
def test_a_broken_library_is_left_alone(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "prompts.toml").write_bytes(content)
    with pytest.raises(ConfigError, match="Mend this first"):
        keep_prompt(tmp_path / "config.toml", "text")
    assert (tmp_path / "prompts.toml").read_bytes() == content


@pytest.mark.skipif(os.name == "nt", reason="needs links and pipes")
@pytest.mark.parametrize("make", [lambda file: file.symlink_to(file.name), os.mkfifo], ids=["circle", "pipe"])
def test_what_is_no_file_is_left_alone(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / "prompts.toml")
    for write in (lambda config: keep_prompt(config, "x"), write_examples):
        with pytest.raises(ConfigError, match=r"prompts\.toml is not a file"):
            write(tmp_path / "config.toml")


def test_a_library_does_not_grow_beyond_what_is_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="larger than 1 MB"):
        keep_prompt(tmp_path / "config.toml", "x" * 1024 * 1024)
    assert not (tmp_path / "prompts.toml").exists()


def test_examples_are_prompts_and_replace_nothing(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    write_examples(config)
    prompts, problems = read_library(config)
    assert (len(prompts), problems) == (3, [])
    assert all(prompt.fields for prompt in prompts)
    with pytest.raises(ConfigError, match="exists already"):
        write_examples(config)
