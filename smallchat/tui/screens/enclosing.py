"""Keys that take something along with the prompt: a file, a schema, the image of the prompt before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.binding import Binding, BindingType

from smallchat.tui.enclosed import tell_blind
from smallchat.tui.screens.chips import ChipScreen
from smallchat.tui.widgets.composer import Composer

if TYPE_CHECKING:
    from smallchat.engine.attaching import Attachment
    from smallchat.providers.base import Image

MOST_FILES = 20


class EnclosingScreen(ChipScreen):
    """A screen that asks for files and a schema to go with the prompt."""

    KEY_GROUP = "With the prompt"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("alt+u", "attach", "Attach", id="attach", show=False,
                tooltip="Send an image or a text file with the prompt"),
        Binding("alt+j", "attach_schema", "Schema", id="attach_schema", show=False,
                tooltip="Have answers follow a JSON schema, and check them"),
    ]  # fmt: skip

    # Files

    async def action_attach(self, path: str = "", pasted: str = "") -> None:
        """Ask for a file to send with the prompt; with ``pasted``, whether it is to be one."""
        from smallchat.engine.attaching import read_attachment
        from smallchat.tui.screens.path import PathScreen

        def take(file: Any) -> None:
            if file is None and pasted:
                self.composer.insert_pasted(pasted)
            self.attach(file)
            self.composer.focus()

        title = "Attach this file?" if pasted else "Attach an image or a text file"
        leaving = "writes its path into the prompt" if pasted else "goes back"
        example = "~/pictures/cat.png"
        await self.app.push_screen(
            PathScreen(
                title, read_attachment, doing="attaches it", example=example, leaving=leaving, path=path
            ),
            take,
        )

    @on(Composer.PathPasted)
    async def _offer_to_attach(self, message: Composer.PathPasted) -> None:
        await self.action_attach(str(message.path), message.text)

    def attach(self, file: Attachment | None) -> None:
        """Send ``file`` with the next prompt."""
        if file is None:
            return
        if len(self._enclosed.files) >= MOST_FILES:
            self.toast(f"{MOST_FILES} files go with a prompt at most.", "warning")
            return
        self.enclose(replace(self._enclosed, files=(*self._enclosed.files, file)))
        if file.image is not None and self.comparison and (blind := self.comparison.blind()):
            pronoun = "They are" if blind[1:] else "It is"
            self.toast(f"{tell_blind(blind)} {pronoun} not asked this time.", "warning")

    def enclose_again(self, images: Sequence[Image]) -> None:
        """Let ``images``, which went with an earlier prompt, go with the next one too."""
        if images:
            from smallchat.engine.attaching import Attachment

            again = [Attachment(image.name, len(image.data), image) for image in images]
            added = [file for file in again if file not in self._enclosed.files]
            self.enclose(replace(self._enclosed, files=(*self._enclosed.files, *added)))

    # A schema

    async def action_attach_schema(self) -> None:
        """Ask for a JSON schema that answers must follow from the next prompt on."""
        from smallchat.engine.structured import read_schema
        from smallchat.safe_text import safe_line
        from smallchat.tui.screens.path import PathScreen

        def read(path: Path) -> tuple[str, dict[str, Any]]:
            return safe_line(path.name, 80), read_schema(path)

        def take(found: tuple[str, dict[str, Any]] | None) -> None:
            if found is not None:
                self.enclose(replace(self._enclosed, schema_name=found[0], schema=found[1]))
            self.composer.focus()

        title = "Have answers follow a JSON schema"
        asked = PathScreen(title, read, doing="uses it", example="~/schema.json", suffixes=(".json",))
        await self.app.push_screen(asked, take)
