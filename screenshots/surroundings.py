"""What the app on the stage is given: a throw-away repository, scripted models, trust, settings and a home."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from trashclaw.agent.messages import Part, Request, TextPart
from trashclaw.cli.demo import Demo
from trashclaw.config.resources import script_file
from trashclaw.config.trust import TrustStore
from trashclaw.config.trust_question import TrustAnswer, TrustQuestion, ask_about
from trashclaw.protocol.errors import TrashclawError
from trashclaw.protocol.modes import Mode
from trashclaw.providers.catalog import DEFAULT_PLACES, Tried
from trashclaw.providers.script import Script, load_script
from trashclaw.providers.scripted import ScriptedProvider
from trashclaw.session.build import Opening, open_session
from trashclaw.session.model_facts import ModelFacts
from trashclaw.session.selection import Choice, ChoiceNeeded, NoServer
from trashclaw.session.session import Session
from trashclaw.session.transcript import Transcript

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

SESSIONS = Path(__file__).parent / "sessions"
SHOWN_HOME = "/home/ada/own"
"""What stands in the pictures in place of the folder of settings and logs; it has the length of that."""

BROUGHT = {
    ".trashclaw/commands/release.md": "Write the notes of the next release.\n",
    ".trashclaw/config.yaml": "sandbox:\n  time_s: 300\n",
    ".trashclaw/policy.yaml": 'rules:\n  - deny: {path: "migrations/**", reason: "released ones never change"}\n',
}
"""What the folder of the trust question brings."""

_GIB = 1 << 30
_KNOWN = {
    "qwen3:30b-a3b": ModelFacts(False, 32_768, 410.0, 38.0, 18 * _GIB, True, None),
    "qwen3:8b": ModelFacts(False, 40_960, 620.0, 31.0, 5 * _GIB, True, None),
    "gpt-oss:120b": ModelFacts(False, 65_536, None, None, 65 * _GIB, False, None),
    "devstral-small": ModelFacts(False, 24_576, 190.0, None, 14 * _GIB, True, None),
}
"""What a machine would tell of its models."""


def no_server() -> TrashclawError:
    """Return what is told on a machine without any model server."""
    return NoServer([Tried(place.provider, place.base_url, "nobody listens there") for place in DEFAULT_PLACES])


def several_models() -> TrashclawError:
    """Return what is told on a machine with several models."""
    servers = {"devstral-small": "lmstudio"}
    return ChoiceNeeded(
        [Choice(servers.get(name, "ollama"), name, is_loaded=name == "qwen3:30b-a3b") for name in _KNOWN]
    )


class Scout:
    """Tells what is known of each model."""

    async def facts(self, choice: Choice) -> ModelFacts | None:
        """Return it."""
        return _KNOWN[choice.model]


@dataclass(slots=True)
class Pace:
    """Lets the models write so many words, and then wait; any number as long as nobody holds them."""

    _left: int | None = None
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)
    is_waiting: bool = False
    """Whether a model has more to say than it may."""

    async def hold(self) -> None:
        """Let no further word come."""
        self._left = 0

    async def let(self, words: int | None) -> None:
        """Let so many more words come, or all of them."""
        async with self._news:
            self._left, self.is_waiting = words, False
            self._news.notify_all()

    async def take(self) -> None:
        """Wait until a word may come."""
        async with self._news:
            self.is_waiting = self._left == 0
            await self._news.wait_for(lambda: self._left != 0)
            self._left = self._left - 1 if self._left is not None else None


class PacedProvider(ScriptedProvider):
    """A model that writes a script as fast as it may."""

    def __init__(self, script: Script, pace: Pace) -> None:
        super().__init__(script)
        self._pace = pace

    async def stream(self, request: Request) -> AsyncGenerator[Part, None]:
        """Play the next step."""
        async for part in super().stream(request):
            if isinstance(part, TextPart):
                await self._pace.take()
            yield part


class Openings:
    """Opens the sessions of a picture one after the other, all of them in one repository."""

    def __init__(
        self, demo: Demo, scripts: Sequence[str], mode: Mode, failure: TrashclawError | None, pace: Pace
    ) -> None:
        self._demo = demo
        self._scripts = iter(scripts)
        self._mode = mode
        self._failure = failure
        self._pace = pace

    async def __call__(
        self,
        *,
        resume: str | None = None,
        model: tuple[str, str] | None = None,
        is_demo: bool = False,
        show_tail: Callable[[Transcript], object] | None = None,
    ) -> Session:
        if self._failure is not None:
            raise self._failure
        script = _script(next(self._scripts, "idle"))
        settings = self._demo.settings.model_copy(update={"mode": self._mode})
        provider = PacedProvider(script, self._pace)
        state = self._demo.state
        return await open_session(
            Opening(root=self._demo.root, settings=settings, state=state, provider=provider, resume=resume)
        )


class FirstStart:
    """Asks about a folder as if nobody had ever been asked."""

    def __init__(self, question: TrustQuestion) -> None:
        self._question = question

    async def question(self, *, is_wanted: bool = False) -> TrustQuestion | None:
        """Return the question."""
        return self._question

    async def answer(self, question: TrustQuestion, answer: TrustAnswer) -> None:
        """Nothing: the picture is taken before."""


@contextmanager
def first_start() -> Iterator[FirstStart]:
    """Give the question about a folder that brings something of every kind."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "shop-api"
        for name, text in BROUGHT.items():
            _write(root / name, text)
        question = ask_about(root, TrustStore(Path(folder) / "state"))
        yield FirstStart(replace(question, project=replace(question.project, root=Path("/home/ada/shop-api"))))


@contextmanager
def home(files: Mapping[str, str]) -> Iterator[str]:
    """Have a home with files by their names until the end; return its path, as long as `SHOWN_HOME`."""
    with tempfile.TemporaryDirectory(prefix="", dir="/tmp") as folder:
        for name, text in files.items():
            _write(Path(folder) / name, text)
        before = os.environ.get("TRASHCLAW_HOME")
        os.environ["TRASHCLAW_HOME"] = folder
        try:
            yield folder
        finally:
            if before is None:
                del os.environ["TRASHCLAW_HOME"]
            else:
                os.environ["TRASHCLAW_HOME"] = before


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def _script(name: str) -> Script:
    file = script_file("demo") if name == "demo" else SESSIONS / f"{name}.yaml"
    return load_script(file).model_copy(update={"tokens_per_s": None})
