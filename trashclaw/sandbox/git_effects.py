"""Effects on git: one change for all that a command did in a git folder, and one for each file that runs programs."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from trashclaw.protocol.patches import ChangeKind, FileChange
from trashclaw.sandbox.file_changes import LANDED_LIMIT_BYTES, FileChanges, size_words, whole
from trashclaw.sandbox.git_dangers import danger_of
from trashclaw.sandbox.git_landing import git_steps
from trashclaw.sandbox.git_objects import GitObjects
from trashclaw.sandbox.git_places import GitGroup, inner_name, is_lock, is_noise, sides
from trashclaw.sandbox.git_words import Ends, GitStory, names_shown, tell
from trashclaw.sandbox.held_change import HeldChange
from trashclaw.sandbox.left_out import LeftOut
from trashclaw.workspace.steps import Step, look

ELSEWHERE = "this leads git to a folder outside the workspace"
REPOSITORY = "from here on git obeys the settings and hooks of that repository, outside the sandbox"
BECOMES = "this makes a repository of files that were there before: their settings and hooks count from now on"
BUSY = "git's own files changed while the command ran, so what it did to them cannot land"
HUGE = f"a file of git's larger than {size_words(LANDED_LIMIT_BYTES)} cannot land"
_POINTER_LIMIT_BYTES = 10_000


@dataclass(slots=True)
class GitEffects:
    """What became of one git folder."""

    change: FileChange | None = None
    steps: Callable[[], tuple[Step, ...]] = tuple
    dangerous: list[HeldChange] = field(default_factory=list)
    dangers: dict[str, str] = field(default_factory=dict)
    """Warnings by shown path."""

    left_out: list[LeftOut] = field(default_factory=list)


def git_effects(root: Path, group: GitGroup, objects: GitObjects) -> GitEffects:
    """Return what a command did in a git folder, told in git's own words. Blocks on the disk and on git."""
    effects = GitEffects()
    is_removed = _is_gone(group)
    kept: dict[str, HeldChange] = {}
    for name, one in group.changes.items():
        danger = "" if is_removed and one.after is None else danger_of(name, one)
        is_half = one.after is not None and is_lock(name)
        if danger:
            effects.dangerous.append(one)
            effects.dangers[one.shown] = danger
        elif not is_half and not (stat.S_ISFIFO(one.after_mode or 0)):
            kept[name] = one
    if not kept and group.file is None:
        return effects
    if any(_is_busy(name, one) for name, one in kept.items()):
        effects.left_out.append(LeftOut(group.shown, BUSY))
        return effects
    if any(one.after is not None and one.after.size > LANDED_LIMIT_BYTES for one in kept.values()):
        effects.left_out.append(LeftOut(group.shown, HUGE))
        return effects
    story = _story(root, group, kept, objects)
    if not story.parts:
        return effects
    if _becomes_repository(group):
        story.losses.append(BECOMES)
    landing = [*kept.items(), *([("", group.file)] if group.file is not None else [])]
    effects.steps = lambda: git_steps(landing)
    warning = "; ".join(story.losses)
    hunks = (whole(story.words),)
    effects.change = FileChange(path=group.shown, kind=ChangeKind.MODIFIED, hunks=hunks, warning=warning)
    return effects


def dangerous_changes(effects: GitEffects, maker: FileChanges) -> list[FileChange]:
    """Return the changes that need a question of their own, as text where they are text."""
    changes = []
    for one in effects.dangerous:
        change = maker.make(one)
        if change is not None:
            warning = "; ".join(filter(None, (effects.dangers[one.shown], change.warning)))
            changes.append(change.model_copy(update={"warning": warning}))
    return changes


def _story(root: Path, group: GitGroup, kept: dict[str, HeldChange], objects: GitObjects) -> GitStory:
    story = GitStory()
    if group.file is not None:
        _tell_file(root, group.file, story)
    prefixes = {"", group.own_prefix} | {inner_name(name)[0] for name in kept}
    own = group.own_prefix
    for prefix in sorted(prefixes - ({""} if own else set()) or {""}):
        inner = {name.removeprefix(prefix): one for name, one in kept.items() if name.startswith(prefix)}
        if prefix and not prefix.startswith("worktrees/"):
            changes = {name: one for name, one in inner.items() if name.startswith("objects/")}
            folder = group.folder / prefix
            pair = sides(folder, inner)
            with GitObjects(folder, changes, pair[0].read("config") or b"") as more:
                _add(story, tell(Ends(pair, pair), more), f"submodule {prefix.removeprefix('modules/').rstrip('/')}: ")
            continue
        ends = Ends(sides(group.folder, kept), sides(group.folder / prefix, inner))
        label = f"work tree {prefix.removeprefix('worktrees/').rstrip('/')}: " if prefix and prefix != own else ""
        if label and not ends.own[0].head and ends.own[1].head:
            story.parts.append(f"{label.removesuffix(': ')} added")
            continue
        _add(story, tell(ends, objects), label)
    if not story.parts and any(not is_noise(name) for name in kept):
        _tell_rest(kept, story)
    return story


def _add(story: GitStory, other: GitStory, label: str) -> None:
    story.parts += [f"{label}{part}" for part in other.parts if f"{label}{part}" not in story.parts]
    story.losses += [loss for loss in other.losses if loss not in story.losses]


def _tell_file(root: Path, one: HeldChange, story: GitStory) -> None:
    if one.after is None:
        story.parts.append(f"`{one.shown}` removed")
        return
    size = one.after.size
    text = one.read().decode("utf-8", "replace").strip() if size <= _POINTER_LIMIT_BYTES else ""
    story.parts.append(f"`{one.shown}` says {text[:200]}")
    named = one.target.parent / text.removeprefix("gitdir:").strip().replace("\0", "")
    is_inside = Path(os.path.realpath(named)).is_relative_to(root)
    story.losses.append(REPOSITORY if is_inside else ELSEWHERE)


def _tell_rest(kept: dict[str, HeldChange], story: GitStory) -> None:
    """Tell what is no ref, index or state: packs, loose objects, and files of git's by name."""
    files = {name: one for name, one in kept.items() if not stat.S_ISDIR(one.after_mode or 0)}
    files = {name: one for name, one in files.items() if not one.has_now(stat.S_IFDIR)}
    objects = {name: one for name, one in files.items() if inner_name(name)[1].startswith("objects/")}
    gone = [name for name, one in objects.items() if one.after is None]
    came = [name for name, one in objects.items() if one.after is not None]
    packs = [name for name in came if name.endswith(".pack")]
    if gone:
        story.parts.append(f"objects packed: {len(packs)} new packs, {len(gone)} files removed")
    elif came:
        story.parts.append(f"{len(came)} new files of objects, which nothing names")
    rest = [name for name in files if name not in objects and not is_noise(name)]
    if rest:
        story.parts.append(f"git's own {names_shown(rest)}")


def _becomes_repository(group: GitGroup) -> bool:
    """Tell whether a folder becomes a git folder that holds files which nobody was asked about as git's."""
    shape = [look(group.folder / name) for name in ("HEAD", "objects", "refs")]
    if all(shape):
        return False
    return any(look(group.folder / name) for name in ("config", "config.worktree", "hooks", "commondir", "info"))


def _is_gone(group: GitGroup) -> bool:
    head = group.changes.get("HEAD")
    return head is not None and head.after is None


def _is_busy(name: str, one: HeldChange) -> bool:
    """Tell whether somebody else changed a file of git's meanwhile. Objects are named by what is in them."""
    is_folder = one.has_now(stat.S_IFDIR) or stat.S_ISDIR(one.after_mode or 0)
    is_object = inner_name(name)[1].startswith("objects/")
    return one.is_changed_meanwhile and not is_folder and not is_object
