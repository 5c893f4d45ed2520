"""`trashclaw models`: what can be talked to, what is known of it, and its exam."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from trashclaw.cli.exams import Examined, as_object, manner_object, stored_exam, take_exam, told
from trashclaw.cli.model_keeping import keeper, pull_model
from trashclaw.cli.place import find_place
from trashclaw.config.paths import state_folder
from trashclaw.exam.choice import choose_manner, date_of
from trashclaw.exam.result import Depth, ExamResult
from trashclaw.exam.telling import choice_rows
from trashclaw.faces.batch.exit_codes import ExitCode
from trashclaw.faces.visible import visible_line
from trashclaw.protocol.errors import UsageError
from trashclaw.session.models import ModelSource, take_leave
from trashclaw.session.selection import NEEDS_FILE, Choice, ChoiceNeeded, LastChoice, choose, find_choices

if TYPE_CHECKING:
    from trashclaw.agent.messages import ModelProfile
    from trashclaw.agent.ports import Provider
    from trashclaw.config.schema import Settings
    from trashclaw.session.model_facts import ModelFacts

_KNOWN = "There is: models list, show MODEL, exam [MODEL], pull MODEL, load MODEL, unload MODEL"

Action = Callable[[argparse.Namespace, "Settings", str], Coroutine[Any, Any, int]]


def answer_models(options: argparse.Namespace) -> int:
    """Carry out `models` and its subcommands; return the exit code.

    Raises:
        UsageError: there is no such subcommand, or no such model.
        ProviderError: the server is not there.
    """
    words: list[str] = options.rest
    verb = words[0] if words else "list"
    names = words[1:]
    action = _ACTIONS.get(verb)
    if action is None or len(names) > 1 or (verb == "list" and names):
        raise UsageError(f"`trashclaw models {' '.join(words)}` is not known.", _KNOWN)
    if (options.quick or options.full) and verb != "exam":
        raise UsageError("--quick and --full belong to `trashclaw models exam`.", _KNOWN)
    name = names[0] if names else ""
    if name and options.model and name != options.model:
        raise UsageError("The model is named twice.", "Leave --model out, or the last word.")
    if verb in ("pull", "load", "unload") and not (name or options.model):
        raise UsageError(f"`trashclaw models {verb}` needs a model's name.", _KNOWN)
    settings = find_place(options).loaded.settings
    return asyncio.run(action(options, settings, name or options.model or ""))


@asynccontextmanager
async def opened(settings: Settings, name: str) -> AsyncIterator[tuple[Provider, ModelProfile]]:
    """Open the model of that name, or without one the model that a session would take; the choice is not remembered.

    Raises:
        ProviderError, UsageError: as `ModelSource.open`.
    """
    choice = await resolve(settings, name)
    named = {"provider": choice.provider, "model": choice.model, "base_url": choice.base_url}
    provider, profile = await ModelSource(settings.model_copy(update=named), state_folder()).open()
    try:
        yield provider, profile
    finally:
        await take_leave(provider)


async def resolve(settings: Settings, name: str) -> Choice:
    """Return the model that a name means: `model`, `model` without its tag `latest`, or `provider/model`.

    Raises:
        ProviderError, UsageError: as `choose`.
    """
    if settings.provider in NEEDS_FILE or not name:
        wanted = settings.model_copy(update={"model": name}) if name else settings
        return await choose(wanted, LastChoice(state_folder()), _key(settings))
    choices = await find_choices(settings, _key(settings))
    forms = (name, f"{name}:latest")
    found = [one for one in choices if one.model in forms or f"{one.provider}/{one.model}" in forms]
    if len(found) > 1:
        raise ChoiceNeeded(found)
    if found:
        return found[0]
    return await choose(settings.model_copy(update={"model": name}), LastChoice(state_folder()), _key(settings))


async def _exam(options: argparse.Namespace, settings: Settings, name: str) -> int:
    async with opened(settings, name) as (provider, profile):
        refuse_unnamed(profile, name)
        depth = Depth.QUICK if options.quick else Depth.FULL
        examined = await take_exam(provider, profile, depth, settings, options.max_time)
    if options.output == "text":
        _print(*told(examined))
    else:
        _print_json(as_object(examined))
    return examined.code


def refuse_unnamed(profile: ModelProfile, name: str) -> None:
    """Say that a model's exam leaves this machine.

    Raises:
        UsageError: it would, and nobody has named the model.
    """
    if not profile.is_remote:
        return
    text = f"{profile.model} does not run on this machine: an exam sends it questions, some of them long."
    if not name:
        raise UsageError(text, f"Name it if that is meant: trashclaw models exam {profile.model}")
    sys.stderr.write(visible_line(f"trashclaw: {text} They hold nothing of yours.") + "\n")


async def _show(options: argparse.Namespace, settings: Settings, name: str) -> int:
    async with opened(settings, name) as (_, profile):
        result = stored_exam(profile)
    choice = choose_manner(result, profile, settings.manner, settings.server.think)
    if options.output != "text":
        exam = result.model_dump(mode="json") if result else None
        _print_json({"profile": _profile_object(profile), "exam": exam, "manner": manner_object(choice)})
        return ExitCode.DONE
    _print(*_profile_lines(profile), "")
    if result is not None:
        _print(*told(Examined(result, choice, ExitCode.DONE)))
        return ExitCode.DONE
    _print(f"Not examined yet: trashclaw models exam {profile.model}", "", "How the model is talked to:")
    _print(*(f"  {title:<16}{words}" for title, words in choice_rows(choice)))
    return ExitCode.DONE


async def _list(options: argparse.Namespace, settings: Settings, name: str) -> int:
    if settings.provider in NEEDS_FILE:
        choices = [await choose(settings, LastChoice(state_folder()), _key(settings))]
    else:
        choices = await find_choices(settings, _key(settings))
    source = ModelSource(settings, state_folder())
    known = await asyncio.gather(*(source.facts(choice) for choice in choices))
    rows = [_row(choice, facts) for choice, facts in zip(choices, known, strict=True)]
    if options.output != "text":
        _print_json(rows)
        return ExitCode.DONE
    if not rows:
        sys.stderr.write("The server has no models.\n")
    width = max((len(str(row["model"])) for row in rows), default=0)
    for row in rows:
        window = f"{row['limit_tokens']} tokens" if row["limit_tokens"] else "window unknown"
        place = "elsewhere" if row["is_remote"] else "here"
        speed = f"reads {row['read_tokens_per_s']:.0f} tokens/s, " if row["read_tokens_per_s"] else ""
        _print(f"{row['provider']:<9} {row['model']:<{width}}  {window:<15} {place:<10}{speed}{_examined_words(row)}")
    return ExitCode.DONE


def _row(choice: Choice, facts: ModelFacts | None) -> dict[str, Any]:
    result = facts.exam if facts is not None else None
    return {
        "provider": choice.provider,
        "model": choice.model,
        "base_url": choice.base_url,
        "limit_tokens": facts.limit_tokens if facts is not None else None,
        "read_tokens_per_s": facts.read_tokens_per_s if facts is not None else None,
        "write_tokens_per_s": facts.write_tokens_per_s if facts is not None else None,
        "is_remote": facts.is_remote if facts is not None else choice.is_remote,
        "is_loaded": choice.is_loaded,
        "examined_at": result.at if result else None,
        "examined_on": _day(result) if result else None,
    }


def _examined_words(row: dict[str, Any]) -> str:
    loaded = "loaded, " if row["is_loaded"] else ""
    return f"{loaded}{'examined on ' + row['examined_on'] if row['examined_on'] else 'not examined'}"


def _day(result: ExamResult) -> str:
    parts = result.parts().values()
    return date_of(max(parts, key=lambda marks: marks.at)) if parts else "an unknown day"


def _profile_object(profile: ModelProfile) -> dict[str, object]:
    names = ("provider", "model", "digest", "limit_tokens", "is_limit_assumed", "is_remote")
    abilities = ("has_tools", "has_thinking", "can_constrain", "can_continue", "counts_tokens")
    return {name: getattr(profile, name) for name in (*names, *abilities)}


def _profile_lines(profile: ModelProfile) -> list[str]:
    window = f"{profile.limit_tokens} tokens{' (assumed)' if profile.is_limit_assumed else ''}"
    words = {
        "native tool calls": profile.has_tools,
        "thinking": profile.has_thinking,
        "answers by a JSON schema": profile.can_constrain,
        "going on with an answer": profile.can_continue,
        "exact token counts": profile.counts_tokens,
    }
    offered = ", ".join(name for name, is_there in words.items() if is_there) or "nothing more"
    place = "does not run on this machine" if profile.is_remote else "runs on this machine"
    digest = f", {profile.digest[:16]}" if profile.digest else ""
    return [
        f"{profile.provider} {profile.model}{digest}",
        f"  {place}; window {window}",
        f"  the server tells of: {offered}",
    ]


def _key(settings: Settings) -> str | None:
    return os.environ.get(settings.api_key_env) if settings.api_key_env else None


def _print(*lines: str) -> None:
    sys.stdout.writelines(visible_line(line) + "\n" for line in lines)


def _print_json(value: object) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=1) + "\n")


async def _pull(options: argparse.Namespace, settings: Settings, name: str) -> int:
    return await pull_model(settings, name, _key(settings))


async def _load(options: argparse.Namespace, settings: Settings, name: str) -> int:
    async with opened(settings, name) as (provider, profile):
        await keeper(provider, profile.model).load()
    _print(f"{profile.model} is loaded, for {settings.server.keep_alive}.")
    return ExitCode.DONE


async def _unload(options: argparse.Namespace, settings: Settings, name: str) -> int:
    async with opened(settings, name) as (provider, profile):
        await keeper(provider, profile.model).unload()
    _print(f"{profile.model} is no longer in memory.")
    return ExitCode.DONE


_ACTIONS: dict[str, Action] = {
    "list": _list,
    "show": _show,
    "exam": _exam,
    "pull": _pull,
    "load": _load,
    "unload": _unload,
}
