"""An exported picture made fit for the repository: it needs no network, and every viewer draws it alike."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from rich.cells import cell_len

FONTS = "'Fira Code', 'JetBrains Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace"
_FACE = re.compile(r"\s*@font-face \{.*?\}", re.S)
_MAKER = re.compile(r"\s*<!-- Generated with .*? -->")
_TEXT = re.compile(r'<text class="([^"]+)" x="([^"]+)" y="([^"]+)" textLength="([^"]+)" ([^>]*)>([^<]*)</text>')
_WORDS = re.compile("[^\u00a0]+(?:\u00a0[^\u00a0]+)*")


def standalone(svg: str, caption: str) -> str:
    """Return a picture that fetches no font, keeps its columns everywhere, and says in words what it shows."""
    svg = _MAKER.sub("", _FACE.sub("", svg))
    svg = svg.replace("font-family: Fira Code, monospace;", f"font-family: {FONTS};")
    svg = svg.replace("font-family: arial;", "font-family: system-ui, sans-serif;")
    svg = _TEXT.sub(lambda match: "".join(_placed(match)), svg)
    head, _, body = svg.partition(">")
    lines = f'{head} role="img">\n    <title>{html.escape(caption)}</title>{body}'.splitlines()
    return "\n".join(line.rstrip() for line in lines if line.strip()) + "\n"


def _placed(match: re.Match[str]) -> Iterator[str]:
    """Yield a text in pieces, each at its own column: viewers disagree about spaces at the ends and in a row."""
    style, x, y, length, clip, content = match.groups()
    text = html.unescape(content)
    cell = float(length) / max(1, cell_len(text))
    for words in _WORDS.finditer(text):
        place = float(x) + cell * cell_len(text[: words.start()])
        shown = html.escape(words[0].replace("\u00a0", " "), quote=False)
        size = cell * cell_len(words[0])
        yield f'<text class="{style}" x="{place:.5g}" y="{y}" textLength="{size:.5g}" {clip}>{shown}</text>'
