"""An exported picture made fit for the repository: it needs no network, and every viewer draws it alike."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from rich.cells import cell_len

FONTS = "'Fira Code', 'JetBrains Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace"
_FACE = re.compile(r"\s*@font-face \{.*?\}", re.S)
_MAKER = re.compile(r"\s*<!-- Generated with .*? -->")
_TEXT = re.compile(r'<text class="([^"]+)" x="([^"]+)" y="([^"]+)" textLength="([^"]+)"([^>]*)>([^<]*)</text>')
_ID = re.compile(r"terminal-\d+")
_LINE_CLIP = re.compile(r'\s*<clipPath id="t-line-\d+">.*?</clipPath>', re.S)
_CLIPPED = re.compile(r' clip-path="url\(#t-line-\d+\)"')
_SHARP = 'shape-rendering="crispEdges"'
_GROUND = re.compile(
    r'<rect fill="([^"]+)" x="([^"]+)" y="([^"]+)" width="([^"]+)" height="([^"]+)" '
    rf"{_SHARP}/>"
)
_GROUNDS = re.compile(rf"(?:{_GROUND.pattern.replace('(', '(?:')})+")
_WORDS = re.compile("[^\u00a0]+(?:\u00a0[^\u00a0]+)*")


def standalone(svg: str, caption: str, screen: str = "") -> str:
    """Return a picture that fetches no font, keeps its columns everywhere, and says in words what it shows.

    `screen` is noted in it: the class of the screen that was in front.
    """
    svg = _ID.sub("t", _MAKER.sub("", _FACE.sub("", svg)))
    # Every word has its own length, so that no line needs to be cut.
    svg = _CLIPPED.sub("", _LINE_CLIP.sub("", svg))
    svg = _GROUNDS.sub(lambda match: "".join(_joined(match[0])), svg)
    svg = svg.replace("font-family: Fira Code, monospace;", f"font-family: {FONTS};")
    svg = svg.replace("font-family: arial;", "font-family: system-ui, sans-serif;")
    svg = _TEXT.sub(lambda match: "".join(_placed(match)), svg)
    head, _, body = svg.partition(">")
    noted = f' data-screen="{html.escape(screen)}"' if screen else ""
    lines = f'{head} role="img"{noted}>\n    <title>{html.escape(caption)}</title>{body}'.splitlines()
    return "\n".join(line.rstrip() for line in lines if line.strip()) + "\n"


def _joined(grounds: str) -> Iterator[str]:
    """Yield grounds, one for those of a colour that stand side by side in a line."""
    fill, x, y, width, height = "", 0.0, "", 0.0, ""
    for one in [*_GROUND.findall(grounds), ("", "0", "", "0", "")]:
        begins_here = abs(float(one[1]) - x - width) < 0.05
        if (one[0], one[2], one[4]) == (fill, y, height) and begins_here:
            width += float(one[3])
            continue
        if fill:
            yield f'<rect fill="{fill}" x="{x:.5g}" y="{y}" width="{width:.5g}" height="{height}" {_SHARP}/>'
        fill, x, y, width, height = one[0], float(one[1]), one[2], float(one[3]), one[4]


def _placed(match: re.Match[str]) -> Iterator[str]:
    """Yield a text in pieces, each at its own column: viewers disagree about spaces at the ends and in a row."""
    style, x, y, length, clip, content = match.groups()
    text = html.unescape(content)
    cell = float(length) / max(1, cell_len(text))
    for words in _WORDS.finditer(text):
        place = float(x) + cell * cell_len(text[: words.start()])
        shown = html.escape(words[0].replace("\u00a0", " "), quote=False)
        size = cell * cell_len(words[0])
        yield f'<text class="{style}" x="{place:.5g}" y="{y}" textLength="{size:.5g}"{clip}>{shown}</text>'
