"""The Markdown that a model writes in the benchmarks of streaming: prose, lists, tables, code; the same each time."""

from __future__ import annotations

import random

from tests.support.pacing import pieces

_WORDS = (
    "the",
    "a",
    "of",
    "to",
    "in",
    "is",
    "that",
    "for",
    "it",
    "as",
    "with",
    "on",
    "by",
    "this",
    "from",
    "at",
    "are",
    "which",
    "when",
    "each",
    "cache",
    "window",
    "token",
    "parser",
    "session",
    "stream",
    "function",
    "value",
    "result",
    "module",
    "caller",
    "request",
    "answer",
    "handler",
    "buffer",
    "state",
    "index",
    "list",
    "table",
    "column",
    "test",
    "error",
    "retry",
    "timeout",
    "server",
    "client",
    "reads",
    "writes",
    "returns",
    "raises",
    "keeps",
    "holds",
    "closes",
    "opens",
    "checks",
    "builds",
    "merges",
    "splits",
)
_CODE = (
    "def {0}_{1}(self, {2}: int = {n}) -> list[str]:",
    '    """Return what {0} {1} has, in order."""',
    "    found = [{1} for {1} in self._{0} if {1}.{2} > {n}]",
    "    for place, {1} in enumerate(found):",
    '        print(f"{{place}}: {{{1}.{2}!r}}")  # {0} {1}',
    "    if not found:",
    '        raise ValueError("no {2} in {0}")',
    "    return sorted(str({1}) for {1} in found)",
    "",
    "",
)


def markdown(tokens: int, seed: int = 11) -> str:
    """Return a text of as many tokens, as the fake servers cut it: words with the blanks before them."""
    source = random.Random(seed)
    sections: list[str] = []
    count = 0
    while count < tokens:
        section = _section(source, len(sections) + 1)
        count += len(pieces(section))
        sections.append(section)
    return "".join(pieces("".join(sections))[:tokens])


def _section(source: random.Random, number: int) -> str:
    parts = (
        f"## {number}. {_sentence(source, 3, 6)[:-1]}",
        _paragraph(source),
        "\n".join(f"- **{source.choice(_WORDS)}**: {_sentence(source, 6, 22)}" for _ in range(source.randint(3, 6))),
        f"```python\n{_code(source)}\n```",
        _paragraph(source),
        _table(source),
        "\n".join(f"{place}. {_sentence(source, 5, 18)}" for place in range(1, source.randint(4, 6))),
        f"See [{source.choice(_WORDS)}](https://example.invalid/{source.choice(_WORDS)}).",
    )
    return "\n\n".join(parts) + "\n\n"


def _sentence(source: random.Random, least: int, most: int) -> str:
    words = [source.choice(_WORDS) for _ in range(source.randint(least, most))]
    words[-1] = f"`{words[-1]}`" if len(words) > 8 else words[-1]
    return " ".join(words).capitalize() + "."


def _paragraph(source: random.Random) -> str:
    return " ".join(_sentence(source, 8, 20) for _ in range(source.randint(2, 5)))


def _code(source: random.Random) -> str:
    lines = _CODE * source.randint(1, 3)
    words = [source.choice(_WORDS) for _ in range(3)]
    return "\n".join(line.format(*words, n=source.randint(1, 99)) for line in lines).rstrip()


def _table(source: random.Random) -> str:
    rows = [("name", "what it does", "default", "since")]
    rows += [
        (
            f"`{source.choice(_WORDS)}`",
            _sentence(source, 3, 8),
            str(source.randint(1, 900)),
            f"0.{source.randint(1, 9)}",
        )
        for number in range(source.randint(3, 8))
    ]
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([lines[0], "|---|---|---:|---|", *lines[1:]])
