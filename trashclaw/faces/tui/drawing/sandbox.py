"""What holds the effects of commands back, in words and in the colour that it deserves."""

from __future__ import annotations

from rich.style import Style

from trashclaw.faces.tui.drawing.look import Look

BROKEN = "broken"
"""Stands for the name of a sandbox where the settings name one that does not work."""

_WORDS = {
    "overlay": "sandbox on",
    "bubblewrap": "sandbox on",
    "ask-first": "no sandbox: asks first",
    BROKEN: "no sandbox: no commands",
}


def sandbox_words(backend: str) -> str:
    """Return how commands are held, by the name of the backend: `sandbox on`, `sandbox: sandlock`."""
    return _WORDS.get(backend, f"sandbox: {backend}") if backend else ""


def sandbox_ink(backend: str, look: Look) -> Style:
    """Return the colour of these words: where nothing holds commands back, they are a warning."""
    return look.warning if sandbox_words(backend).startswith("no ") else look.muted
