"""The prompt library's files."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smallchat.config.prompts import parse_template, read_library


def test_prompts_come_from_the_file_and_the_folder(tmp_path: Path) -> None:
    (tmp_path / "prompts.toml").write_text('[b]\ntitle = "Zebra"\ntext = "{a} and {b} and {a}"\n')
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts" / "one.toml").write_text('[c]\ntext = "{{json}} {the text}"\n')
    prompts, problems = read_library(tmp_path / "config.toml")
    assert [(one.title, one.text, one.fields) for one in prompts] == [
        ("c", "{json} {the text}", ("{the text}",)),
        ("Zebra", "{a} and {b} and {a}", ("{a}", "{b}")),
    ]
    assert not problems


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[a]\ntext = "x"\n[b\n', "bad.toml, line 3: "),
        ('[a]\ntxet = "x"\n', 'bad.toml, line 2: unknown key "txet"'),
        ("[a]\ntext = 5\n", "bad.toml, line 2: text in [a] should be text"),
        ('title = "x"\n', 'bad.toml, line 1: "title" should be a table'),
        ('[a]\ntitle = "x"\n', "bad.toml, line 1: [a] has no text"),
        ("\xff", "bad.toml: not UTF-8"),
    ],
)
def test_a_mistake_is_told_by_its_line_and_costs_nothing_else(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts" / "bad.toml").write_bytes(text.encode("latin-1"))
    (tmp_path / "prompts" / "good.toml").write_text('[good]\ntext = "x"\n')
    prompts, problems = read_library(tmp_path / "config.toml")
    assert [prompt.name for prompt in prompts] == ["good"]
    assert words in problems[0]


def test_without_a_library_there_are_no_prompts(tmp_path: Path) -> None:
    assert read_library(tmp_path / "config.toml") == ([], [])


@given(st.text(alphabet="{}ab ", max_size=40))
def test_any_text_is_a_template(template: str) -> None:
    text, fields = parse_template(template)
    assert all(field in text for field in fields)
