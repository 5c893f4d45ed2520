"""The person's own editor on a text or a file, while the app steps aside."""

from __future__ import annotations

import asyncio
import os
import shlex
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import SuspendNotSupported

from trashclaw.protocol.errors import TrashclawError, UsageError

if TYPE_CHECKING:
    from typing import Any

    from textual.app import App

_USUAL = ("sensible-editor", "nano", "vim", "vi")
_NAME_CHARS = 80
_PLUS = frozenset(
    {"vi", "vim", "nvim", "view", "gvim", "nano", "pico", "emacs", "emacsclient", "kak", "hx", "helix", "micro", "joe"}
    | {"jed", "ne", "mg", "kate", "gedit", "sensible-editor", "editor"}
)
"""Editors that take `+LINE` before the file."""

_GOTO = frozenset({"code", "code-insiders", "codium", "vscodium", "cursor", "windsurf", "positron"})
"""Editors that take `--goto FILE:LINE`."""

_COLON = frozenset({"subl", "sublime_text", "zed", "zeditor", "lapce", "lite-xl"})
"""Editors that take `FILE:LINE`."""


def editor_command(environment: Mapping[str, str]) -> Sequence[str]:
    """Return the editor's command line: `$VISUAL`, else `$EDITOR`, each with its arguments, else a usual one.

    Raises:
        UsageError: there is none.
    """
    named = environment.get("VISUAL") or environment.get("EDITOR") or ""
    try:
        words = shlex.split(named)
    except ValueError as error:
        raise UsageError(f"$VISUAL or $EDITOR cannot be read: {named}", "Close its quotes.") from error
    if words:
        return words
    for name in _USUAL:
        if found := shutil.which(name, path=environment.get("PATH")):
            return [found]
    raise UsageError("There is no editor.", "Name one: export EDITOR=vim")


async def edit_text(app: App[Any], text: str, path: str) -> str:
    """Let the person edit a text and return what they made of it; `path` gives the copy its name.

    Raises:
        TrashclawError: there is no editor, it failed, or what it left is no text.
    """
    command = editor_command(os.environ)
    with tempfile.TemporaryDirectory(prefix="trashclaw-edit-") as folder:
        file = Path(folder) / _file_name(path)
        file.write_bytes(text.encode("utf-8", "surrogatepass"))
        await _hand_over(app, [*command, str(file)], "the text stays as it was")
        try:
            return file.read_bytes().decode("utf-8", "surrogatepass")
        except (OSError, UnicodeDecodeError) as error:
            raise TrashclawError(f"What the editor left cannot be read: {error}.", "Save it as UTF-8.") from error


async def open_file(app: App[Any], file: Path, line: int = 0) -> None:
    """Open a file in the person's editor, at a line (counted from 1; 0: wherever the editor begins).

    Raises:
        TrashclawError: there is no editor, or it failed.
    """
    await _hand_over(app, file_command(editor_command(os.environ), file, line), "look what it said")


def file_command(editor: Sequence[str], file: Path, line: int) -> Sequence[str]:
    """Return the command line that opens a file at a line; of an editor that is not known, without the line."""
    name = Path(editor[0]).name.lower().removesuffix(".exe")
    if line and name in _PLUS:
        return [*editor, f"+{line}", str(file)]
    if line and name in _GOTO:
        return [*editor, "--goto", f"{file}:{line}"]
    if line and name in _COLON:
        return [*editor, f"{file}:{line}"]
    return [*editor, str(file)]


async def _hand_over(app: App[Any], command: Sequence[str], otherwise: str) -> None:
    """Give the terminal to a program until it ends; nothing may be drawn meanwhile."""
    try:
        with _deaf_to_interrupts(), app.batch_update(), nullcontext() if app.is_headless else app.suspend():
            await _run(command, otherwise)
    except SuspendNotSupported as error:
        raise UsageError("This terminal cannot be handed to an editor.") from error


async def _run(command: Sequence[str], otherwise: str) -> None:
    name = command[0]
    try:
        done = await asyncio.to_thread(subprocess.run, command, check=False)
    except OSError as error:
        raise TrashclawError(f"{name} cannot be run: {error.strerror}.", "Set $EDITOR to your editor.") from error
    if done.returncode != 0:
        raise TrashclawError(f"{name} ended with {done.returncode}; {otherwise}.")


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Leave Ctrl+C to the editor; a handler, unlike an ignored signal, is not handed on to it."""
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _file_name(path: str) -> str:
    """Return a harmless name with the ending of the file's own, by which an editor knows the language."""
    name = "".join(one for one in path.rpartition("/")[2] if one.isprintable())[-_NAME_CHARS:]
    return name if name.strip(". ") else "proposed.txt"
