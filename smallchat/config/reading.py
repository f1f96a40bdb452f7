"""From a configuration's file to settings, or to errors that name the file, the line and the key."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from smallchat.config.document import Document, name_of, read_document
from smallchat.config.errors import ConfigError, suggest
from smallchat.config.lines import outline

if TYPE_CHECKING:
    from smallchat.config.problems import Problem
    from smallchat.config.schema import Settings


def load_settings(path: Path, *, must_exist: bool = False) -> Settings:
    """Return the settings of the file at ``path``, or the defaults when there is no such file.

    Args:
        path: The configuration's file.
        must_exist: Whether a missing file is an error, as it is when the user has named it.

    Raises:
        ConfigError: The file can not be read, or something in it is wrong.
    """
    document = read_document(path)
    if document is not None:
        return validate(document)
    if must_exist:
        raise ConfigError(f"{name_of(path)} does not exist. smallchat config init --config FILE starts one.")
    from smallchat.config.schema import Settings

    return Settings()


def validate(document: Document, *, with_lines: bool = True) -> Settings:
    """Return the settings that ``document`` holds.

    Args:
        document: The file's text and values.
        with_lines: Whether the text is what the user sees in the file, so that its lines mean something.

    Raises:
        ConfigError: Something in it is wrong; up to three problems are told.
    """
    settings, problems = _check(document)
    if settings is not None and not problems:
        return settings
    places = outline(document.text)
    lines = [(places.line_of(path), words) for path, words in problems]
    file = name_of(document.path)
    raise ConfigError(
        *(
            f"{file}, line {line}: {words}" if line and with_lines else f"{file}: {words}"
            for line, words in sorted(lines, key=lambda found: found[0] or 0)[:3]
        )
    )


def _check(document: Document) -> tuple[Settings | None, list[Problem]]:
    """Return the settings, if they have the right shape, and what is wrong."""
    from pydantic import ValidationError

    from smallchat.config.problems import describe
    from smallchat.config.schema import Settings

    try:
        settings = Settings.model_validate(
            document.data, context={"directory": document.path.absolute().parent}
        )
    except ValidationError as error:
        # A key that is missing may be one that is misspelt: tell that first.
        details = sorted(
            error.errors(include_url=False, include_input=False),
            key=lambda detail: detail["type"] == "missing",
        )
        return None, [describe(detail, Settings) for detail in details]
    return settings, list(_find_loose_ends(settings))


def _find_loose_ends(settings: Settings) -> list[Problem]:
    """Return the names that lead nowhere: providers without an address, models of unknown providers."""
    from smallchat.config.provider import known_providers

    known = known_providers()
    problems: list[Problem] = []
    for name, provider in settings.providers.items():
        if name not in known and provider.base_url is None:
            problems.append(
                (
                    ("providers", name),
                    f'provider "{name}" is not known and has no base_url. {suggest(name, known)}',
                )
            )
    names = (*known, *settings.providers)
    for name, model in settings.models.items():
        if model.provider is not None and model.provider not in names:
            problems.append(
                (
                    ("models", name, "provider"),
                    f'unknown provider "{model.provider}". {suggest(model.provider, names)}',
                )
            )
    return problems
