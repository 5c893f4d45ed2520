"""Large pastes: folded in the editor to `[pasted 120 lines]`, whole again when sent."""

from __future__ import annotations

import re
from collections.abc import Mapping

MIN_LINES = 12
MIN_CHARS = 2000
UNFOLDED_CHARS = 200_000
"""A larger paste stays folded: an editor that wraps its lines at every key would become slow."""

SIGN = re.compile(r"\[pasted \d+ (?:lines|characters)(?:, \d+)?\]")


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

    def adopt(self, text: str, pastes: Mapping[str, str]) -> str:
        """Return a draft of another time with its pastes folded here, under other signs where those are taken."""
        signs = {sign: self.fold(paste) or paste for sign, paste in pastes.items() if sign in text}
        return SIGN.sub(lambda match: signs.get(match[0], match[0]), text)

    def expand(self, draft: str) -> str:
        """Return a draft with its pastes whole."""
        if not self._texts:
            return draft
        return SIGN.sub(lambda match: self._texts.get(match[0], match[0]), draft)

    def refold(self, text: str) -> str:
        """Return a text in which the pastes that stand whole and unchanged are folded again."""
        for sign, paste in sorted(self._texts.items(), key=lambda entry: -len(entry[1])):
            text = text.replace(paste, sign)
        return text

    def within(self, draft: str) -> Mapping[str, str]:
        """Return the pastes that a draft holds, by their signs."""
        signs = {match[0] for match in SIGN.finditer(draft)} if self._texts else set()
        return {sign: self._texts[sign] for sign in signs if sign in self._texts}

    def places(self, line: str) -> list[tuple[int, int]]:
        """Return where signs that stand for pastes begin and end in a line."""
        if not self._texts or "[pasted " not in line:
            return []
        return [match.span() for match in SIGN.finditer(line) if match[0] in self._texts]

    def whole(self, sign: str) -> str | None:
        """Return the paste of a sign, if it can stand unfolded in the editor."""
        text = self._texts.get(sign)
        return text if text is not None and len(text) <= UNFOLDED_CHARS else None
