"""The preview of a stored session."""

from __future__ import annotations

from typing import ClassVar

from trashclaw.faces.tui.widgets.transcript import TranscriptPane


class SessionPreview(TranscriptPane):
    """The end of a stored conversation, or the place where words were found; drawn as the conversation itself is."""

    NAME: ClassVar[str] = ""
    EMPTY: ClassVar[str] = ""
    DEFAULT_CSS = """
    SessionPreview {
        width: 52%;
        background: $surface;
        border: none;
        border-left: solid $line;
    }
    SessionPreview:focus {
        border: none;
        border-left: solid $accent;
    }
    App.-ascii SessionPreview {
        border: none;
        border-left: ascii $line;
    }
    """
