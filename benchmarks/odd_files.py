"""Text files as they are found in the wild, and changes to them: encodings, line ends, no final newline."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

_ENCODINGS = (
    ("utf-8", b""),
    ("utf-8", b"\xef\xbb\xbf"),
    ("utf-16-le", b"\xff\xfe"),
    ("utf-16-be", b"\xfe\xff"),
    ("utf-32-le", b"\xff\xfe\x00\x00"),
    ("cp1252", b""),
    ("latin-1", b""),
)
_ENDS = (("\n",), ("\r\n",), ("\n", "\r\n"))
_WIDE = ("naïve", "日本語", "🙂 smile", "e\u0301", "line\u2028separator", "\u202eright")
_NARROW = ("naïve", "façade", "£ 12", "déjà vu")
_PLAIN = (
    "total = 0",
    "    return total",
    "",
    "\ttab",
    "ends in blanks  ",
    "form\ffeed",
    "lone\rreturn",
    "x" * 200,
    "}",
)
REPEATED = "MARK_IT"


@dataclass(frozen=True, slots=True)
class OddFile:
    """A file's bytes, and how they are read."""

    path: str
    encoding: str
    mark: bytes
    lines: tuple[str, ...]
    """With their ends."""

    @property
    def byte_lines(self) -> list[bytes]:
        """The bytes, line by line, the mark left out."""
        return [line.encode(self.encoding) for line in self.lines]

    @property
    def data(self) -> bytes:
        """The whole file."""
        return self.mark + b"".join(self.byte_lines)


def make_file(source: random.Random, number: int) -> OddFile:
    """Return a random file of 5 to 250 lines."""
    encoding, mark = source.choice(_ENCODINGS)
    is_wide = encoding.startswith("utf")
    words = (*_PLAIN, *(_WIDE if is_wide else _NARROW))
    ends = source.choice(_ENDS)
    texts = [f"{source.choice(words)} {number}.{place}" for place in range(source.randint(5, 250))]
    for place in source.sample(range(len(texts)), k=max(2, len(texts) // 15)):
        texts[place] = source.choice((REPEATED, f"call({REPEATED})"))
    # What makes bytes neither UTF-8 nor, for latin-1, any other encoding.
    texts[0] = {"cp1252": "façade!", "latin-1": "façade\x81!"}.get(encoding, texts[0])
    lines = [text + source.choice(ends) for text in texts]
    if source.random() < 0.4:
        lines[-1] = lines[-1].rstrip("\r\n")
    return OddFile(f"odd/{number}.txt", encoding, mark, tuple(lines))


def make_call(source: random.Random, file: OddFile) -> dict[str, Any]:
    """Return a tool call that changes a file in several places."""
    if source.random() < 0.4:
        arguments: dict[str, Any] = {"old_text": REPEATED, "new_text": "CHANGED", "replace_all": True}
        return {"name": "edit_file", "arguments": {"path": file.path, **arguments}}
    lines = list(file.lines)
    for _ in range(source.randint(1, 9)):
        _change(source, lines)
    content = "".join(lines) or "emptied\n"
    if source.random() < 0.5:
        content = content.replace("\r\n", "\n")  # as most models write
    if content == "".join(file.lines):
        content += "one more line\n"
    return {"name": "write_file", "arguments": {"path": file.path, "content": content}}


def _change(source: random.Random, lines: list[str]) -> None:
    """Replace, add or remove up to three lines somewhere."""
    at = source.randrange(len(lines) + 1)
    removed = source.choice((0, 1, 1, 2, 3))
    added = source.choice((0, 1, 1, 2, 3)) if removed else 1
    lines[at : at + removed] = [f"new {source.randrange(1000)}\n" for _ in range(added)]
