"""Files that go with a prompt: images as such, text files as fenced blocks of the prompt itself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from smallchat.config.errors import ConfigError, reason
from smallchat.providers.base import Image
from smallchat.safe_text import safe_line

MB = 1024 * 1024
MOST_IMAGE = 5 * MB
MOST_TEXT = 2 * MB
_IMAGE_TYPES = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
}
_FENCE = re.compile(r"`{3,}")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a prompt.

    Attributes:
        name: The file's name without its folders, safe to show and to send.
        size: Its bytes.
        image: The picture; ``None`` for a text file.
        text: The text; empty for a picture.
    """

    name: str
    size: int
    image: Image | None = None
    text: str = ""


def read_attachment(path: Path) -> Attachment:
    """Return the file at ``path``. What it is, its first bytes say, not its name.

    Raises:
        ConfigError: It can not be read, is too large, or is neither an image nor UTF-8 text.
    """
    data = _read(path, max(MOST_IMAGE, MOST_TEXT))
    name = safe_line(path.name, 80)
    if media_type := find_image_type(data):
        return Attachment(name, len(data), _as_image(path, media_type, data))
    if len(data) > MOST_TEXT:
        raise ConfigError(f"{_told(path)}: {format_size(len(data))}, text may have 2 MB.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise ConfigError(
            f"{_told(path)}: neither an image (PNG, JPEG, GIF, WebP) nor UTF-8 text; it can not be sent."
        )
    return Attachment(name, len(data), text=text.replace("\r\n", "\n"))


def read_image(path: Path) -> Image:
    """Return the image at ``path``.

    Raises:
        ConfigError: It can not be read, is too large, or is no PNG, JPEG, GIF or WebP file.
    """
    data = _read(path, MOST_IMAGE)
    media_type = find_image_type(data)
    if media_type is None:
        raise ConfigError(f"{_told(path)}: not a PNG, JPEG, GIF or WebP file.")
    return _as_image(path, media_type, data)


def find_image_type(data: bytes) -> str | None:
    """Return the media type of an image that begins with ``data``; ``None`` when it is none."""
    for start, media_type in _IMAGE_TYPES.items():
        if data.startswith(start):
            return media_type
    return "image/webp" if data[:4] == b"RIFF" and data[8:12] == b"WEBP" else None


def join_files(prompt: str, files: Sequence[Attachment]) -> str:
    """Return ``prompt`` with the text of ``files`` after it, each in a fence that it can not close."""
    return "\n\n".join([prompt, *(_fence(file) for file in files if file.image is None)])


def format_size(size: int) -> str:
    """Return ``size`` bytes in words: ``12 kB``."""
    if size < 1000:
        return f"{size} B"
    return f"{size / 1000:.0f} kB" if size < 999_500 else f"{size / 1_000_000:.1f} MB"


def _fence(file: Attachment) -> str:
    longest = max((len(match[0]) for match in _FENCE.finditer(file.text)), default=2)
    fence = "`" * max(3, longest + 1)
    return f"File {file.name}:\n{fence}\n{file.text.rstrip()}\n{fence}"


def _as_image(path: Path, media_type: str, data: bytes) -> Image:
    if len(data) > MOST_IMAGE:
        raise ConfigError(f"{_told(path)}: {format_size(len(data))}, an image may have 5 MB. Scale it down.")
    return Image(media_type, data, safe_line(path.name, 80))


def _read(path: Path, most: int) -> bytes:
    try:
        path = path.expanduser()
        found = path.stat()
        if not path.is_file():  # a pipe or a device might never end
            raise ConfigError(f"{_told(path)}: not a file.")
        if found.st_size > most:
            raise ConfigError(
                f"{_told(path)}: {format_size(found.st_size)} is too large: images may have 5 MB, text 2 MB."
            )
        with path.open("rb") as file:
            return file.read(most + 1)
    except (OSError, RuntimeError, ValueError) as error:
        why = reason(error) if isinstance(error, OSError) else "not a path"
        raise ConfigError(f"{_told(path)}: {why}") from None


def _told(path: Path) -> str:
    return safe_line(str(path), 200)
