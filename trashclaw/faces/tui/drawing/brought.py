"""The files that a folder brings, as lines to read before anybody vouches for them."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from trashclaw.config.project_files import ProjectFile
from trashclaw.faces.tui.drawing.lines import plain, prefixed, wrap
from trashclaw.faces.tui.drawing.look import Look
from trashclaw.faces.visible import visible_line
from trashclaw.faces.wording.figures import counted

SHOWN_LINES = 2_000
"""Lines of one file; nobody reads on."""


def file_lines(files: Sequence[ProjectFile], width: int, look: Look) -> list[Text]:
    """Return the text of every file, each below its name."""
    lines: list[Text] = []
    for file in files:
        head = Text(f"{file.kind.value}  ", style=look.muted, end="")
        head.append_text(plain(visible_line(file.path), look.strong))
        lines += [*([Text()] if lines else []), *wrap(head, width, look), *_text_lines(file, width, look)]
    return lines or [Text("It brings no files.", style=look.muted)]


def _text_lines(file: ProjectFile, width: int, look: Look) -> list[Text]:
    if file.data is None:
        return wrap(plain(f"not loaded: {file.problem or 'not used yet'}", look.muted), width, look)
    source = file.data.decode("utf-8", "replace").splitlines()
    bar = Text(f"{look.signs.quote} ", style=look.faint)
    shown = [line for text in source[:SHOWN_LINES] for line in wrap(plain(text, look.text), max(8, width - 2), look)]
    rest = len(source) - SHOWN_LINES
    more = [Text(f"{counted(rest, 'line')} more", style=look.muted)] if rest > 0 else []
    return [*prefixed(bar, bar, shown), *more]
