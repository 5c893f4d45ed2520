"""How long the completion of `@path` takes among 50,000 files: `python -m benchmarks.path_completion`."""

from __future__ import annotations

import random
import statistics
import time

from trashclaw.faces.tui.completion import MAX_SHOWN
from trashclaw.faces.tui.path_index import PathIndex

FILES = 50_000
ROUNDS = 20
WORDS = [
    "core",
    "app",
    "auth",
    "service",
    "handler",
    "model",
    "view",
    "test",
    "config",
    "parser",
    "render",
    "index",
    "api",
    "client",
    "server",
    "store",
    "cache",
]
TYPED = ("a", "au", "auth", "src/app", "srcappdb", "tsthndlr", "xqz", "zzzzzz", "parser_config3.md", "s/u/h")


def made_paths(count: int) -> list[str]:
    """Return the files of a large workspace: several thousand folders, some ten files in each."""
    chance = random.Random(7)
    folders = [
        "/".join(f"{chance.choice(WORDS)}{chance.randint(0, 9)}" for _ in range(chance.randint(1, 5)))
        for _ in range(count // 16)
    ]
    paths: dict[str, None] = {}
    while len(paths) < count:
        name = f"{chance.choice(WORDS)}_{chance.choice(WORDS)}{chance.randint(0, 99)}"
        paths.setdefault(f"{chance.choice(folders)}/{name}{chance.choice(('.py', '.ts', '.md'))}")
    return list(paths)


def main() -> None:
    """Print what making the index costs once, and what each key costs."""
    paths = made_paths(FILES)
    began = time.perf_counter()
    index = PathIndex(paths)
    print(
        f"{len(index):,} files and folders, made ready in {time.perf_counter() - began:.2f} s, once, beside the screen"
    )
    for typed in TYPED:
        spent = []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            found = index.best(typed, MAX_SHOWN)
            spent.append((time.perf_counter() - began) * 1000)
        print(f"@{typed:<20} {statistics.median(spent):6.2f} ms   {len(found)} found")


if __name__ == "__main__":
    main()
