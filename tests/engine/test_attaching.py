"""Files that go with a prompt."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smallchat.config.errors import ConfigError
from smallchat.engine import attaching
from smallchat.engine.attaching import Attachment, join_files, read_attachment

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 24


def test_an_image_is_known_by_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "cat.txt"
    path.write_bytes(PNG)
    found = read_attachment(path)
    assert found.image is not None
    assert (found.image.media_type, found.image.data, found.image.name) == ("image/png", PNG, "cat.txt")


def test_a_text_goes_into_the_prompt(tmp_path: Path) -> None:
    path = tmp_path / "notes.md"
    path.write_text("one\n```\ntwo\n```\n", encoding="utf-8")
    joined = join_files("Sum it up.", [read_attachment(path)])
    assert joined == "Sum it up.\n\nFile notes.md:\n````\none\n```\ntwo\n```\n````"


@given(st.text(alphabet="`\n a", max_size=60))
def test_no_text_closes_its_fence(text: str) -> None:
    file = Attachment("a", 1, text=text)
    _, _, _, fence, *lines = join_files("start", [file]).split("\n")
    assert lines.index(fence) == len(lines) - 1


def test_a_name_can_do_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a\x1b]0;owned\x07\u202e.txt"
    path.write_text("x")
    assert "\x1b" not in read_attachment(path).name
    assert "\u202e" not in read_attachment(path).name


@pytest.mark.parametrize("data", [b"\x7fELF\0\0", b"\xff\xfe\0", b"a\0b"])
def test_a_binary_file_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "program"
    path.write_bytes(data)
    with pytest.raises(ConfigError, match="neither an image"):
        read_attachment(path)


def test_sizes_are_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attaching, "MOST_IMAGE", 20)
    path = tmp_path / "cat.png"
    path.write_bytes(PNG)
    with pytest.raises(ConfigError, match="5 MB"):
        read_attachment(path)
    text = tmp_path / "long.txt"
    with text.open("wb") as file:
        file.truncate(6 * 1024 * 1024)
    with pytest.raises(ConfigError, match="too large"):
        read_attachment(text)


def test_blank_lines_take_no_longer_than_others() -> None:
    joined = join_files("Sum it up.", [Attachment("blank.txt", 1_000_000, text="\n" * 1_000_000)])
    assert joined == "Sum it up.\n\nFile blank.txt:\n```\n\n```"


def test_what_is_no_file_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe", Path("/dev/zero")):
        with pytest.raises(ConfigError, match="not a file"):
            read_attachment(path)
    with pytest.raises(ConfigError, match="No such file"):
        read_attachment(tmp_path / "none")
