"""Renders every picture in both themes, or those that are named: `python -m screenshots [NAME ...]`."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from screenshots.shots import SHOTS
from screenshots.stage import Shot, take

FOLDER = Path(__file__).parent


def main(names: Sequence[str]) -> int:
    """Write the pictures into this folder; what has not changed stays the same byte for byte."""
    unknown = set(names) - {shot.name for shot in SHOTS}
    if unknown:
        sys.stderr.write(f"There is no picture {', '.join(sorted(unknown))}.\n")
        return 2
    for shot in SHOTS:
        if not names or shot.name in names:
            _write(shot)
    return 0


def _write(shot: Shot) -> None:
    for name, picture in asyncio.run(take(shot)).items():
        file = FOLDER / f"{name}.svg"
        file.write_text(picture, encoding="utf-8")
        sys.stdout.write(f"{file.name}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
