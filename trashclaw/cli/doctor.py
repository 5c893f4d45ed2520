"""`trashclaw doctor`: what works here, what does not, and the next thing to type."""

from __future__ import annotations

import argparse
import asyncio
import platform
import shutil
import sys
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from trashclaw import __version__
from trashclaw.cli.findings import INDENT, Finding, canary_finding, memory_finding, model_finding
from trashclaw.cli.place import Place, find_place
from trashclaw.cli.screen_files import screen_findings
from trashclaw.faces.batch.exit_codes import ExitCode
from trashclaw.faces.visible import visible
from trashclaw.protocol.errors import TrashclawError
from trashclaw.providers.catalog import discover
from trashclaw.session.models import ModelSource, take_leave
from trashclaw.session.selection import ChoiceNeeded, NoServer, places

if TYPE_CHECKING:
    from trashclaw.agent.messages import ModelProfile
    from trashclaw.agent.ports import Provider
    from trashclaw.config.schema import Settings

_MODELS_SHOWN = 6


def print_findings(options: argparse.Namespace) -> int:
    """Look at everything that a session needs, and print it."""
    place = find_place(options)
    return asyncio.run(_print(place, options.model or ""))


async def _print(place: Place, name: str) -> int:
    code = ExitCode.DONE
    sys.stdout.write(f"trashclaw {__version__}, Python {platform.python_version()}, {platform.system()}\n")
    async for finding in _look(place, name):
        sys.stdout.write(visible(f"{'ok  ' if finding.is_good else 'no  '}{finding.text}") + "\n")
        if finding.hint:
            sys.stdout.write(visible(f"      {finding.hint}") + "\n")
        code = code if finding.is_good else max(code, finding.code)
    return code


async def _look(place: Place, name: str) -> AsyncIterator[Finding]:
    git = shutil.which("git")
    hint = "" if git else "Install git: undo and diffs need it."
    yield Finding(git is not None, f"git: {git or 'not found'}", hint, ExitCode.FAILED)
    yield await asyncio.to_thread(_sandbox, place)
    for finding in await asyncio.to_thread(lambda: list(screen_findings())):
        yield finding
    if place.loaded.settings.provider is None:
        async for finding in _look_around():
            yield finding
    async for finding in _model(place, name):
        yield finding


def _sandbox(place: Place) -> Finding:
    """Choose the sandbox as a session would. Blocks for a moment."""
    from trashclaw.config.paths import state_folder
    from trashclaw.sandbox.choose import Bounds, choose_sandbox
    from trashclaw.sandbox.ports import Backend

    setting = place.loaded.settings.sandbox.backend
    try:
        choice = choose_sandbox(setting, Bounds(place.root, state_folder()))
    except TrashclawError as error:
        return Finding(False, f"sandbox: {error.text}", error.hint, ExitCode.USAGE)
    backend = choice.sandbox.backend
    why = "\n      ".join(f"not {stronger}: {reason}" for stronger, reason in choice.tried)
    if choice.sandbox.is_isolating:
        return Finding(True, f"sandbox: {backend}", why)
    text = "sandbox: none, every command is asked about before it runs"
    asked = "That is what `sandbox.backend: ask-first` says; auto takes the strongest that works."
    return Finding(setting == Backend.ASK_FIRST.value, text, why or asked, ExitCode.DONE)


async def _look_around() -> AsyncIterator[Finding]:
    search = await discover(places())
    for server in search.found:
        names = ", ".join(model.name for model in server.models[:_MODELS_SHOWN])
        more = len(server.models) - _MODELS_SHOWN
        tail = f" and {more} more" if more > 0 else ""
        yield Finding(True, f"{server.provider} at {server.base_url}: {names or 'no models'}{tail}")
    if not search.found:
        for tried in search.tried:
            yield Finding(False, f"{tried.provider} at {tried.url}: {tried.reason}")


async def _model(place: Place, name: str) -> AsyncIterator[Finding]:
    """Open the model that a session would use; one that was named is examined."""
    from trashclaw.config.paths import state_folder

    try:
        provider, profile = await ModelSource(place.loaded.settings, state_folder()).open()
    except ChoiceNeeded as error:
        yield Finding(True, f"model: {error.text}", error.hint)
        return
    except NoServer as error:
        text = error.text if place.loaded.settings.base_url else "none, as there is no server on this machine"
        yield Finding(False, f"model: {text}", error.hint)
        return
    except TrashclawError as error:
        hint = error.hint or "See how it works without one: trashclaw --demo"
        yield Finding(False, f"model: {error.text}", hint)
        return
    yield model_finding(profile)
    try:
        async for finding in _memory(provider):
            yield finding
        settings = place.loaded.settings
        if not name:
            yield _known_of(profile, settings)
            return
        async for finding in _examine(provider, profile, settings, name):
            yield finding
    finally:
        await take_leave(provider)


async def _memory(provider: Provider) -> AsyncIterator[Finding]:
    """Tell of the memory, where the provider knows of any."""
    from trashclaw.providers.memory_fit import TellsMemory
    from trashclaw.providers.retry import RetryingProvider

    inner = provider.wrapped if isinstance(provider, RetryingProvider) else provider
    if not isinstance(inner, TellsMemory):
        return
    try:
        yield memory_finding(await inner.memory_fit())
    except TrashclawError as error:
        yield Finding(False, f"memory: {error.text}", error.hint)


async def _examine(provider: Provider, profile: ModelProfile, settings: Settings, name: str) -> AsyncIterator[Finding]:
    """Take the exam; what it says of the window is a line of its own."""
    from trashclaw.cli.exams import take_exam, told
    from trashclaw.cli.models import refuse_unnamed
    from trashclaw.exam.result import Depth

    refuse_unnamed(profile, name)
    examined = await take_exam(provider, profile, Depth.QUICK, settings)
    title, *table = told(examined)
    more = "A longer one, with every try and the whole window: trashclaw models exam --full"
    lines = [line.removeprefix("  ") for line in table if line]
    yield Finding(examined.code == ExitCode.DONE, f"exam: {title}", f"\n{INDENT}".join([*lines, more]), examined.code)
    if examined.result.window is not None:
        yield canary_finding(examined.result.window)


def _known_of(profile: ModelProfile, settings: Settings) -> Finding:
    """Tell what a stored exam says, or how to take one."""
    from trashclaw.cli.exams import stored_exam
    from trashclaw.exam.choice import choose_manner
    from trashclaw.exam.telling import choice_rows, heading

    result = stored_exam(profile)
    choice = choose_manner(result, profile, settings.manner, settings.server.think)
    lines = [f"{title}: {words}" for title, words in choice_rows(choice)]
    told = f"exam: {heading(result)}" if result else "exam: not taken yet: trashclaw models exam"
    return Finding(True, told, f"\n{INDENT}".join(lines))
