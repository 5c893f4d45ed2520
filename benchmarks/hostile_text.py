"""Hostile text through every channel that reaches the screen, in the real app: `python -m benchmarks.hostile_text`."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.hostile_stream import foreign, plain_text, sequences
from benchmarks.hostile_strings import all_strings, markup_strings
from benchmarks.hostile_world import QUESTION, make_folder, make_home, make_script
from benchmarks.measuring import Figure
from tests.support.screen_app import ACCEPTS, AppTerminal
from tests.support.terminal import Size
from trashclaw.faces.tui.widgets.asking_pane import EARLY

BATCH = 24
SIZE = Size(120, 40)
HARMLESS = tuple(f"harmless text {number}" for number in range(BATCH))
_EDGES = frozenset("│╭╰┃┏┗╮╯┓┛┤├")


@dataclass(slots=True)
class Outcome:
    """What came of one run."""

    output: bytes = b""
    crash: str = ""
    crooked: list[str] = field(default_factory=list)
    """Rows in which a frame does not stand where it should, each with when it was seen."""


class _Run:
    """One run of the app over a batch of strings."""

    def __init__(self, app: AppTerminal, strings: Sequence[str]) -> None:
        self._app = app
        self._strings = strings
        self.outcome = Outcome()

    def go(self) -> None:
        """Go through all channels, and look at the frames at each stop."""
        app = self._app
        app.wait_until_ready()
        # Terminals take the escapes out of what is pasted: it could end the paste, and go on as keys.
        pasted = " ".join(self._strings)[:3_000].replace("\x1b", "").encode("utf-8", "replace")
        app.write(b"\x1b[200~" + pasted + b"\x1b[201~")
        self._look("the editor", "❯")
        app.press("enter")
        self._look("a question", QUESTION)
        app.wait_for(lambda: EARLY not in app.screen_text())
        app.press("1")
        self._look("hunks", ACCEPTS)
        app.press("a")
        app.wait_for(lambda: app.status.startswith("ready"))
        self._look("the end", "ready")
        app.send("again")
        app.wait_for(lambda: "again" in app.screen_text())
        app.wait_until_ready()
        self._look("an error", "ready")
        app.press("ctrl+o")
        self._look("all output", "ready")
        app.press("ctrl+y")
        self._look("a notice", "opied")
        for words, told in (("/theme", "trashclaw-dark"), ("@f-", "f-"), ("/c", "/c")):
            app.type(words)
            app.wait_for(words)
            if words == "/theme":
                app.press("enter")
            self._look(words, told, is_framed=False)
            app.press("escape")
            app.wait_for(lambda: app.status.startswith("ready"))
            app.press("ctrl+u")
        app.press("f1")
        self._look("help", "type to search", is_framed=False)
        app.press("escape")

    def _look(self, when: str, wanted: str, *, is_framed: bool = True) -> None:
        app = self._app
        app.wait_for(wanted)
        if is_framed:
            first, last = app.column(0), app.column(SIZE.columns - 1)
            rows = range(1, SIZE.lines - 1)
            bad = [row for row in rows if first[row] not in _EDGES or last[row] not in _EDGES]
            self.outcome.crooked += [f"{when}, row {row}: {app.rows[row]!r}" for row in bad]


def run_batch(strings: Sequence[str]) -> Outcome:
    """Run the app over a batch of strings."""
    with tempfile.TemporaryDirectory(prefix="trashclaw-hostile-", ignore_cleanup_errors=True) as folder:
        place = Path(folder)
        home, root = place / "home", place / "folder"
        make_folder(root, strings)
        make_home(home, strings)
        script = make_script(place, strings, " ".join(strings)[:600])
        arguments = ["--provider", "scripted", "--model", str(script)]
        surroundings = {"TRASHCLAW_HOME": str(home)}
        with AppTerminal(arguments, root, home, gates=place, size=SIZE, environment=surroundings) as app:
            run = _Run(app, strings)
            try:
                run.go()
                code = app.quit()
                run.outcome.crash = f"ended with {code}" if code else ""
            except (EOFError, TimeoutError) as error:
                run.outcome.crash = str(error)
            run.outcome.output = bytes(app.output)
            if "Traceback" in plain_text(run.outcome.output):
                run.outcome.crash = run.outcome.crash or "a traceback"
        return run.outcome


def batches(strings: Sequence[str]) -> list[Sequence[str]]:
    """Return the strings in batches."""
    return [strings[start : start + BATCH] for start in range(0, len(strings), BATCH)]


def literal(output: bytes, strings: Sequence[str], usual: bytes) -> list[str]:
    """Return the strings with controls of which the terminal was given the very bytes, as not in a `usual` run."""
    steering = [text for text in strings if len(text) > 2 and any(one in "\x1b\x9b\x9d\x90" for one in text)]
    found = [text for text in steering if text.encode("utf-8", "replace") in output]
    return [text for text in found if text.encode("utf-8", "replace") not in usual]


def obeyed_markup(output: bytes, strings: Sequence[str]) -> list[str]:
    """Return the markup that was in a batch and never stood on the screen as it is written."""
    shown = plain_text(output)
    return [text for text in markup_strings() if text in strings and text not in shown]


def measure(runs: int) -> list[Figure]:
    """Run the whole corpus; `runs` is how many batches, all of them where it is large."""
    harmless = run_batch(HARMLESS)
    usual = sequences(harmless.output)
    reached: list[str] = []
    obeyed: list[str] = []
    crashes = [f"with harmless text: {harmless.crash}"] if harmless.crash else []
    crooked = list(harmless.crooked)
    count = 0
    for strings in batches(all_strings())[:runs]:
        outcome = run_batch(strings)
        count += len(strings)
        found = foreign(outcome.output, usual) + [
            repr(text) for text in literal(outcome.output, strings, harmless.output)
        ]
        reached += found
        obeyed += [] if outcome.crash else obeyed_markup(outcome.output, strings)
        crashes += [outcome.crash] if outcome.crash else []
        crooked += outcome.crooked
        print(
            f"{count} strings: {len(reached)} {len(obeyed)} {len(crashes)} {len(crooked)}", file=sys.stderr, flush=True
        )
    measured = f"{len(reached)}, {len(obeyed)}, {len(crashes)}, {len(crooked)} with {count} strings"
    return [
        Figure(
            name="hostile text: sequences that reached the terminal, markup obeyed, crashes, rows out of line",
            target="0, 0, 0, 0",
            measured=measured,
            is_pass=not (reached or obeyed or crashes or crooked),
            notes=tuple(note for notes in (reached, obeyed, crashes, crooked) for note in notes[:12]),
        )
    ]


def main() -> int:
    """Print the figure; exit 1 if anything was obeyed, failed or stood out of line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hostile_text", description=__doc__)
    parser.add_argument("--batches", type=int, default=1_000, metavar="N", help="only the first N batches of strings")
    (figure,) = measure(parser.parse_args().batches)
    print(figure.row)
    print("\n".join(figure.notes))
    return 0 if figure.is_pass else 1


if __name__ == "__main__":
    sys.exit(main())
