"""An animated picture: one SVG file in which every line of the screen is there once, and is shown in its time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

_STYLE = re.compile(r"\.t-(r\d+) \{ (.*?) \}")
_BACKGROUND = re.compile(r'<rect fill="[^"]*" x="[^"]*" y="([^"]*)"[^>]*/>')
_TEXT = re.compile(r'<text class="t-(r\d+)" x="[^"]*" y="([^"]*)"[^>]*>[^<]*</text>')
_CLASS = re.compile(r'class="t-(r\d+)"')
_MATRIX = re.compile(r'(?P<before><g transform="[^"]*" clip-path="[^"]*">)(?P<body>.*)(?P<after></g>\s*</svg>)', re.S)
_TEXT_BASE = 18.5
"""How far below the top of its line a text stands, in the units of the pictures."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A picture made by `picture.standalone`, and how long it is shown."""

    svg: str
    seconds: float


@dataclass(slots=True)
class _Reel:
    """The lines of all frames: what each is made of, and in which frames it is seen."""

    seen: dict[tuple[float, str], list[int]] = field(default_factory=dict)
    styles: dict[str, str] = field(default_factory=dict)
    """Class by style."""


def film(frames: Sequence[Frame], caption: str) -> str:
    """Return the animated picture; a viewer that wants no motion sees the last frame."""
    reel = _Reel()
    for number, frame in enumerate(frames):
        for row in _rows(frame.svg, reel):
            reel.seen.setdefault(row, []).append(number)
    shell = _MATRIX.search(frames[-1].svg)
    if shell is None:
        raise ValueError("That is no picture of a screen.")
    head = frames[-1].svg[: shell.start()]
    head = re.sub(r"<title>.*?</title>", f"<title>{caption}</title>", head, count=1, flags=re.S)
    head = _STYLE.sub("", head).replace("</style>", f"{_styles(reel, frames)}</style>", 1)
    times = _times(reel)
    body = "\n".join(f'<g class="{times[tuple(seen)]}">{markup}</g>' for (_, markup), seen in sorted(reel.seen.items()))
    lines = f'{head}{shell["before"]}<g class="t-matrix">\n{body}\n</g>{shell["after"]}'.splitlines()
    return "\n".join(line.rstrip() for line in lines if line.strip()) + "\n"


def _rows(svg: str, reel: _Reel) -> list[tuple[float, str]]:
    """Return the lines of a frame as (place, markup), with classes that hold for all frames."""
    own = dict(_STYLE.findall(svg))
    shell = _MATRIX.search(svg)
    body = shell["body"] if shell else ""

    def shared(match: re.Match[str]) -> str:
        style = own.get(match[1], "")
        return f'class="{reel.styles.setdefault(style, f"s{len(reel.styles)}")}"'

    rows: dict[float, list[str]] = {}
    for found in _BACKGROUND.finditer(body):
        rows.setdefault(_line_of(float(found[1])), []).append(found[0])
    for found in _TEXT.finditer(body):
        rows.setdefault(_line_of(float(found[2]) - _TEXT_BASE), []).append(_CLASS.sub(shared, found[0]))
    return [(place, "".join(parts)) for place, parts in rows.items()]


def _line_of(top: float) -> float:
    """Return which line a place belongs to; texts and grounds are off by parts of a unit."""
    return round(top / 24.4)


def _times(reel: _Reel) -> dict[tuple[int, ...], str]:
    """Return the class of each set of frames that some line is seen in."""
    return {seen: f"w{place}" for place, seen in enumerate(sorted({tuple(seen) for seen in reel.seen.values()}))}


def _styles(reel: _Reel, frames: Sequence[Frame]) -> str:
    """Return the colours, and when each set of lines is seen."""
    whole = sum(frame.seconds for frame in frames)
    starts = [sum(frame.seconds for frame in frames[:number]) for number in range(len(frames) + 1)]
    lines = [f".{name} {{ {style} }}" for style, name in reel.styles.items()]
    for seen, name in _times(reel).items():
        if len(seen) == len(frames):
            continue
        steps = []
        for number in range(len(frames)):
            is_seen, was_seen = number in seen, number - 1 in seen
            if number == 0 or is_seen != was_seen:
                steps.append(f"{100 * starts[number] / whole:.3f}%{{visibility:{'visible' if is_seen else 'hidden'}}}")
        at_last = "visible" if len(frames) - 1 in seen else "hidden"
        lines.append(f"@keyframes {name}{{{''.join(steps)}}}")
        lines.append(f".{name}{{visibility:{at_last};animation:{name} {whole:g}s step-end infinite}}")
    lines.append("@media (prefers-reduced-motion: reduce){g{animation:none !important}}")
    return "\n".join(["", *lines, ""])
