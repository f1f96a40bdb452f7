"""What a command is asked about: the prompt argument, piped text and image files."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from smallchat.config.errors import ConfigError

if TYPE_CHECKING:
    from smallchat.providers.base import Image

MOST_INPUT = 16 * 1024 * 1024


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


def read_images(paths: Sequence[Path]) -> tuple[Image, ...]:
    """Return the images at ``paths``.

    Raises:
        ConfigError: One can not be read, is too large, or is no PNG, JPEG, GIF or WebP file.
    """
    from smallchat.engine import attaching

    try:
        return tuple(attaching.read_image(path) for path in paths)
    except ConfigError as error:
        raise ConfigError(f"--image {error}") from None


def join_text_files(prompt: str, paths: Sequence[Path]) -> str:
    """Return ``prompt`` with the text files at ``paths`` after it.

    Raises:
        ConfigError: One can not be read, is too large, or is no text.
    """
    from smallchat.engine import attaching

    try:
        files = [attaching.read_attachment(path) for path in paths]
    except ConfigError as error:
        raise ConfigError(f"--file {error}") from None
    for path, file in zip(paths, files, strict=True):
        if file.image is not None:
            raise ConfigError(f"--file {path}: an image. Send it with --image FILE.")
    return attaching.join_files(prompt, files) if files else prompt
