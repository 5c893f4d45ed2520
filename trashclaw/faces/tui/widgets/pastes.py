"""Large pastes: folded in the editor to `[pasted 120 lines]`, whole again when sent."""

from __future__ import annotations

MIN_LINES = 12
MIN_CHARS = 2000


class Pastes:
    """The pastes that stand folded in a draft."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}

    def fold(self, text: str) -> str | None:
        """Return the sign that stands for a large paste, or `None` for one that may stand as it is."""
        count = len(text.splitlines())
        if count < MIN_LINES and len(text) < MIN_CHARS:
            return None
        size = f"{count} lines" if count > 1 else f"{len(text)} characters"
        sign = f"[pasted {size}]"
        number = 2
        while self._texts.get(sign, text) != text:
            sign = f"[pasted {size}, {number}]"
            number += 1
        self._texts[sign] = text
        return sign

    def expand(self, draft: str) -> str:
        """Return a draft with its pastes whole."""
        for sign, text in self._texts.items():
            draft = draft.replace(sign, text)
        return draft
