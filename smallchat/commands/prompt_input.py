"""What a command is asked about: the prompt argument, piped text and image files."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import BinaryIO

from smallchat.config.errors import ConfigError

MOST_INPUT = 16 * 1024 * 1024
IMAGE_TYPES = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
}


def read_prompt(argument: str | None, stdin: BinaryIO | None = None) -> str:
    """Return the prompt: ``argument``, joined with what is piped in; ``-`` stands for the piped text alone.

    Args:
        argument: The prompt of the command line.
        stdin: Standard input's bytes; ``None`` reads it, unless it is a terminal.

    Raises:
        ConfigError: There is no prompt, or the piped input is not text.
    """
    piped = decode_piped(stdin.read(MOST_INPUT + 1) if stdin else read_piped())
    typed = "" if argument in (None, "-") else argument
    prompt = "\n\n".join(part for part in (typed, piped) if part and part.strip())
    if not prompt:
        raise ConfigError(
            'The prompt is empty: write it in quotes, as in  smallchat ask "Why is the sky blue?"'
        )
    return prompt.encode("utf-8", "replace").decode("utf-8")


def read_piped() -> bytes:
    """Return what is piped into this process; nothing when a person sits at its terminal."""
    if sys.stdin is None or sys.stdin.closed or sys.stdin.isatty():
        return b""
    return sys.stdin.buffer.read(MOST_INPUT + 1)


def decode_piped(data: bytes) -> str:
    """Return ``data`` as text.

    Raises:
        ConfigError: It is too long, or not UTF-8 text.
    """
    if len(data) > MOST_INPUT:
        raise ConfigError(
            f"The input is larger than {MOST_INPUT // 2**20} MB: no model reads that much at once."
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(
            f"The input is not UTF-8 text (byte {error.start} is 0x{data[error.start]:02x}).\n"
            "Convert it first, or give an image with --image FILE."
        ) from None
    if "\0" in text:
        raise ConfigError("The input is binary, not text. Give an image with --image FILE.")
    return text.rstrip("\n")


def read_image(path: Path) -> tuple[str, bytes]:
    """Return the media type and the bytes of the image at ``path``.

    Raises:
        ConfigError: It can not be read, or is no PNG, JPEG, GIF or WebP file.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"--image {path}: {error.strerror or error}") from None
    for start, media_type in IMAGE_TYPES.items():
        if data.startswith(start):
            return media_type, data
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp", data
    raise ConfigError(f"--image {path}: not a PNG, JPEG, GIF or WebP file.")
