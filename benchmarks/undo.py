"""Undo after each of 100 random turns of edits and commands, in a repository with work of the person's own in it.

The person has staged, unstaged, untracked and ignored changes, links, odd names, a private file and a repository
inside. Each turn makes up to five calls in as many steps: edits, whole files (also ignored ones), and commands that
write, remove, rename, link and change modes. Before some undos the person makes files of their own. After the undo
every file but git's, ignored ones too, must have its bytes, its mode or its link back, and the person's index and refs
must be untouched.
"""

from __future__ import annotations

import asyncio
import os
import random
import stat
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.accepted_turns import run_accepted
from benchmarks.measuring import Figure, run, scratch
from benchmarks.places import make_repository
from trashclaw.config.schema import Settings
from trashclaw.protocol.events import Notice, NoticeLevel
from trashclaw.protocol.modes import Mode
from trashclaw.protocol.ops import CheckpointRestore
from trashclaw.providers.script import Script, ScriptedStep
from trashclaw.providers.scripted import ScriptedProvider
from trashclaw.session.build import Opening, open_session
from trashclaw.session.session import Session

SEED = 31
Picture = dict[str, tuple[str, int, bytes]]


@dataclass
class Count:
    """What came of the turns."""

    wrong: list[str] = field(default_factory=list)
    touched: list[str] = field(default_factory=list)
    redone: int = 0
    changed: int = 0
    idle: int = 0


def measure(runs: int) -> list[Figure]:
    """Run, undo and compare as many turns."""
    source = random.Random(SEED)
    with scratch() as folder:
        root = folder / "repository"
        paths = make_repository(root, 60)
        _work_of_the_persons(root, paths)
        count = asyncio.run(_run_all(root, folder / "state", paths, source, runs))
    wrong, touched = count.wrong, count.touched
    return [
        Figure(
            name=f"undo after {runs} random turns of edits and commands",
            target="every file as before, index and refs untouched, in every one",
            measured=f"{runs - len(wrong)} of {runs} identical, index and refs changed in {len(touched)}",
            is_pass=not wrong and not touched,
            notes=(
                f"{count.changed} files changed by {runs - count.idle} of {runs} turns; the others had no effect",
                f"redo brought the turn's own result back in {count.redone} of {runs}",
                f"seed {SEED}; wrong: {'; '.join(wrong[:5]) or 'none'}",
                f"index or refs changed in: {', '.join(touched) or 'none'}",
            ),
        )
    ]


def _work_of_the_persons(root: Path, paths: Sequence[str]) -> None:
    (root / ".gitignore").write_text("__pycache__/\nbuild/\n*.log\nlocal.ini\n", encoding="utf-8")
    (root / paths[0]).write_text("staged\n", encoding="utf-8")
    subprocess.run(["git", "add", paths[0]], cwd=root, check=True, timeout=30)
    for path, text in ((paths[0], "staged, and more\n"), (paths[1], "not staged\n"), ("notes/odd \n name.md", "n\n")):
        (root / path).parent.mkdir(exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    (root / os.fsdecode(b"notes/\xff\xfe.bin")).write_bytes(bytes(range(256)))
    for path in ("local.ini", "build/out.o", "debug.log", "private.pem"):
        (root / path).parent.mkdir(exist_ok=True)
        (root / path).write_text(f"{path}\n", encoding="utf-8")
    (root / "private.pem").chmod(0o600)
    (root / paths[2]).chmod(0o755)
    (root / paths[3]).unlink()
    (root / "latest").symlink_to(paths[4])
    (root / "nowhere").symlink_to("not/there")
    (root / "inner").mkdir()
    subprocess.run(["git", "init", "-q"], cwd=root / "inner", check=True, timeout=30)
    (root / "inner" / "own.py").write_text("own = 1\n", encoding="utf-8")


async def _run_all(root: Path, state: Path, paths: Sequence[str], source: random.Random, runs: int) -> Count:
    settings = Settings.model_validate({"mode": Mode.AUTO, "allow_shell": True})
    count = Count()
    for number in range(runs):
        steps = _steps(root, paths, source, number)
        provider = ScriptedProvider(Script(limit_tokens=1_000_000, steps=(*steps, ScriptedStep(text="Done."))))
        git_before = _git_picture(root)
        session = await open_session(Opening(root, settings, provider=provider, state=state))
        try:
            await _run(session, root, source, number, count)
        finally:
            await session.aclose()
        if _git_picture(root) != git_before:
            count.touched.append(str(number))
    return count


async def _run(session: Session, root: Path, source: random.Random, number: int, count: Count) -> None:
    """Run a turn, undo it, redo it and undo it again."""
    before = picture(root)
    await run_accepted(session, f"Turn {number}")
    after = picture(root)
    count.changed += sum(before.get(path) != after.get(path) for path in {*before, *after})
    count.idle += before == after
    if source.random() < 0.3:
        mine = root / f"mine-{number}.md"
        mine.write_text("my own\n", encoding="utf-8")
        before[mine.name] = after[mine.name] = _look(mine)
    is_idle = not session.transcript.undoable
    problem = "" if is_idle else await _restore(session, CheckpointRestore())
    found = picture(root)
    if problem or found != before:
        count.wrong.append(f"turn {number}: {problem or _difference(before, found)}")
    if not is_idle:
        await _restore(session, CheckpointRestore(is_redo=True))
    count.redone += picture(root) == after
    if not is_idle:
        await _restore(session, CheckpointRestore())


async def _restore(session: Session, op: CheckpointRestore) -> str:
    """Carry out a restore, and return what went wrong."""
    seen = len(session.transcript.entries)
    session.submit(op)
    await session.wait_idle()
    told = [entry for entry in session.transcript.entries[seen:] if isinstance(entry, Notice)]
    return " ".join(notice.text for notice in told if notice.level is not NoticeLevel.INFO)


def _steps(root: Path, paths: Sequence[str], source: random.Random, number: int) -> list[ScriptedStep]:
    kinds: tuple[Callable[[Path, Sequence[str], random.Random, int], dict[str, Any]], ...] = (_edit, _write, _command)
    calls = [source.choice(kinds)(root, paths, source, number) for _ in range(source.randint(1, 5))]
    steps = []
    while calls:
        size = source.randint(1, len(calls))
        steps.append(ScriptedStep.model_validate({"calls": calls[:size]}))
        calls = calls[size:]
    return steps


def _edit(root: Path, paths: Sequence[str], source: random.Random, number: int) -> dict[str, Any]:
    path = source.choice([path for path in paths if (root / path).exists()])
    lines = (root / path).read_text(encoding="utf-8").splitlines(keepends=True)
    old = source.choice(lines)
    return _call("edit_file", path=path, old_text=old, new_text=f"# {number}\n{old}")


def _write(root: Path, paths: Sequence[str], source: random.Random, number: int) -> dict[str, Any]:
    places = (f"made/new_{number}.py", "build/out.o", "local.ini", "inner/own.py", "README.md", source.choice(paths))
    return _call("write_file", path=source.choice(places), content=f"written by turn {number}\n" * source.randint(0, 9))


def _command(root: Path, paths: Sequence[str], source: random.Random, number: int) -> dict[str, Any]:
    one, two = source.sample(list(paths), 2)
    lines = (
        f"rm -f {one}; ln -s {two} {one}",
        f"mv -f {one} src/moved_{number}.py",
        f"chmod 640 {one}; chmod +x {two}",
        f"mkdir -p deep/er; cp {one} deep/er/; rm -f {two}",
        "rm -rf src/order; echo gone > src/order",
        "ln -sfn elsewhere latest; rm -f nowhere",
        "rm -f private.pem notes/*.bin; printf 'x\\0y' > notes/bin",
        f"printf '%s' {number} >> {one}; touch empty_{number}",
        "chmod 400 private.pem; mv 'notes' 'notes moved'; mkdir notes; mv 'notes moved'/* notes/; rmdir 'notes moved'",
    )
    return _call("bash", command=source.choice(lines))


def _call(name: str, **arguments: Any) -> dict[str, Any]:
    return {"name": name, "arguments": arguments}


def picture(root: Path) -> Picture:
    """Return every file and link below a folder but git's own: what it is, its mode and its bytes."""
    found = {}
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name != ".git"]
        for name in (*names, *(name for name in folders if (Path(folder) / name).is_symlink())):
            path = Path(folder) / name
            found[path.relative_to(root).as_posix()] = _look(path)
    return found


def _look(path: Path) -> tuple[str, int, bytes]:
    if path.is_symlink():
        return "link", 0, os.fsencode(path.readlink())
    return "file", stat.S_IMODE(path.stat().st_mode), path.read_bytes()


def _git_picture(root: Path) -> dict[str, bytes]:
    """Return the bytes of index, head and every ref."""
    git = root / ".git"
    files = [git / "index", git / "HEAD", *(path for path in (git / "refs").rglob("*") if path.is_file())]
    return {path.relative_to(git).as_posix(): path.read_bytes() for path in files}


def _difference(before: Picture, found: Picture) -> str:
    names = sorted(path for path in {*before, *found} if before.get(path) != found.get(path))
    return ", ".join(repr(name) for name in names[:3])


if __name__ == "__main__":
    sys.exit(run(measure, runs=100, description=__doc__))
