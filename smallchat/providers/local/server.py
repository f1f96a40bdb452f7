"""Local models: one child process per GGUF file, started when first needed."""

from __future__ import annotations

import asyncio
from pathlib import Path

from smallchat.catalog.model import Model
from smallchat.providers.local import weights
from smallchat.providers.local.child import Child, local_failure
from smallchat.providers.local.endpoint import Endpoint
from smallchat.safe_text import safe_line

_CONTEXT = 8192  # tokens, where the catalog knows none


class LocalServers:
    """The children that serve local models. Belongs to one event loop."""

    def __init__(self, data_dir: Path) -> None:
        """Know where the weights are; start nothing."""
        self._data_dir = data_dir
        self._starts: dict[Path, asyncio.Task[Child]] = {}

    async def endpoint(self, model: Model) -> Endpoint:
        """Return where ``model`` answers, starting its child if there is none or it has died.

        Models of the same file share a child, and callers at the same time share one start. A caller that
        is cancelled leaves the start going on for the next one.

        Raises:
            ProviderError: The weights or llama.cpp are missing, or the child did not start.
        """
        path = self._file_of(model)
        start = self._starts.get(path)
        if start is None or (start.done() and not _serves(start)):
            start = self._starts[path] = asyncio.create_task(_start(path, model), name=f"load {model.name}")
            start.add_done_callback(_look_at_error)
        return (await asyncio.shield(start)).endpoint

    async def close(self) -> None:
        """End all children and wait until they are gone."""
        starts, self._starts = list(self._starts.values()), {}
        for start in starts:
            start.cancel()
        await asyncio.gather(*starts, return_exceptions=True)
        await asyncio.gather(*(start.result().stop() for start in starts if _started(start)))

    def _file_of(self, model: Model) -> Path:
        if not weights.has_engine():
            raise local_failure(
                "not_found",
                f"{model.name} can not run here: llama.cpp is not installed.",
                weights.NEEDS_EXTRA,
            )
        if model.path is None:
            built_in = weights.installed(self._data_dir)
            if built_in is None:
                raise local_failure(
                    "not_found",
                    f"The weights of {model.name} are not here yet.",
                    "Run `smallchat local install`.",
                )
            return built_in
        path = model.path.expanduser().absolute()
        _check_gguf(path, model)
        return path


def _check_gguf(path: Path, model: Model) -> None:
    """Refuse what can not be a model's file, in clearer words than llama.cpp has."""
    hint = f"Set path in [models.{model.name}] to a GGUF file."
    try:
        with path.open("rb") as file:
            magic = file.read(4)
    except OSError as error:
        raise local_failure("not_found", f"{path}: {error.strerror or type(error).__name__}.", hint) from None
    if magic != b"GGUF":
        raise local_failure("bad_request", f"{path} is not a GGUF file.", hint)


async def _start(path: Path, model: Model) -> Child:
    context = model.context or _CONTEXT
    if model.path is None:
        # Both entries of the built-in model share one child, and so its context; its cache is small enough.
        return await Child.start(path, model.name, weights.ALIAS, 2 * context)
    return await Child.start(path, model.name, safe_line(model.wire_id), context)


def _serves(start: asyncio.Task[Child]) -> bool:
    return _started(start) and start.result().alive


def _started(start: asyncio.Task[Child]) -> bool:
    return start.done() and not start.cancelled() and start.exception() is None


def _look_at_error(start: asyncio.Task[Child]) -> None:
    """Mark the error as seen, even when all who waited for it have gone."""
    if not start.cancelled():
        start.exception()
