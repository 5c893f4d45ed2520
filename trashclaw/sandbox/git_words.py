"""Tells what changed in a git folder in git's own words, and what was lost with it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from trashclaw.sandbox.git_objects import Entries, GitObjects
from trashclaw.sandbox.git_side import GitSide

SHOWN_COMMITS = 3
SHOWN_NAMES = 4
SHOWN_PARTS = 12


@dataclass(slots=True)
class GitStory:
    """What happened, for a person."""

    parts: list[str] = field(default_factory=list)
    losses: list[str] = field(default_factory=list)

    @property
    def words(self) -> str:
        """All of it in one line."""
        more = len(self.parts) - SHOWN_PARTS
        return "; ".join([*self.parts[:SHOWN_PARTS], *([f"and {more} more"] if more > 0 else [])])


@dataclass(frozen=True, slots=True)
class Ends:
    """Both sides of a git folder: where branches and objects are (`common`), and where HEAD and index are (`own`)."""

    common: tuple[GitSide, GitSide]
    own: tuple[GitSide, GitSide]

    def commit(self, at: int) -> str:
        """Return the commit that is checked out before (0) or after (1); empty if there is none."""
        head = self.own[at].head
        return self.common[at].refs().get(head, "") if head.startswith("refs/") else head


def tell(ends: Ends, objects: GitObjects) -> GitStory:
    """Return what became of head, branches, tags, stash, index and what was in progress."""
    story = GitStory()
    if not ends.own[0].head:
        story.parts.append("new repository")
    elif not ends.own[1].head:
        story.parts.append("the repository is removed")
        story.losses.append("the whole history, with all branches and stashes, would be lost")
        return story
    _tell_refs(ends, objects, story)
    _tell_head(ends, objects, story)
    _tell_stash(ends, objects, story)
    _tell_index(ends, objects, story)
    old, new = ends.own[0].states, ends.own[1].states
    story.parts += [f"{word} in progress" for word in sorted(new - old)]
    story.parts += [f"{word} ended" for word in sorted(old - new)]
    return story


def names_shown(names: Collection[str]) -> str:
    """Return the first of some names, and how many more there are."""
    shown = ", ".join(f"`{name}`" for name in sorted(names)[:SHOWN_NAMES])
    more = len(names) - SHOWN_NAMES
    return f"{shown} and {more} more" if more > 0 else shown


def _tell_refs(ends: Ends, objects: GitObjects, story: GitStory) -> None:
    old, new = ends.common[0].refs(), ends.common[1].refs()
    changed = sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))
    for name in changed:
        if name != "refs/stash":
            story.parts += _ref_words(name, old.get(name), new.get(name), old, objects)
    left = [old[name] for name in changed if name in old and name != "refs/stash"]
    head = ends.commit(0)
    if ends.own[0].head and not ends.own[0].head.startswith("refs/"):
        left.append(head)
    kept = {*new.values(), *([ends.commit(1)] if ends.commit(1) else [])}
    if gone := _commits([oid for oid in left if oid not in kept], kept, objects):
        is_more = f" and {len(gone) - SHOWN_COMMITS} more" if len(gone) > SHOWN_COMMITS else ""
        words = ", ".join(gone[:SHOWN_COMMITS]) + is_more
        story.losses.append(f"no branch or tag leads to {words} any more")


def _ref_words(name: str, old: str | None, new: str | None, before: dict[str, str], objects: GitObjects) -> list[str]:
    kind, short = _kind_of(name)
    if new is None:
        return [f"{kind} `{short}` deleted (was `{(old or '')[:7]}`)"]
    if old is None:
        commits = _commits([new], before.values(), objects) if before else _commits([new], (), objects)
        return [
            f"{kind} `{short}` created at `{new[:7]}`",
            *(_commit_words(commits, short) if kind == "branch" else []),
        ]
    if kind == "branch" and objects.is_ancestor(old, new):
        return _commit_words(_commits([new], [old], objects), short)
    words = f"{kind} `{short}` moved from `{old[:7]}` to `{new[:7]}`"
    return [words, *(_commit_words(_commits([new], before.values(), objects), short) if kind == "branch" else [])]


def _commit_words(commits: list[str], branch: str) -> list[str]:
    if len(commits) > SHOWN_COMMITS:
        return [f"{len(commits)} commits on `{branch}`, the latest {commits[0]}"]
    return [f"commit {commit} on `{branch}`" for commit in commits]


def _commits(tips: Iterable[str], without: Iterable[str], objects: GitObjects) -> list[str]:
    """Return commits that lead to the tips and to none of the others, the newest first: `` `f131199` "subject" ``."""
    wanted = list(tips)
    if not wanted:
        return []
    stdin = "".join(f"{tip}\n" for tip in wanted) + "".join(f"^{oid}\n" for oid in set(without))
    argv = ("log", "--no-color", "--max-count=200", "--format=%h%x1f%s", "--ignore-missing", "--stdin")
    lines = objects.lines(*argv, stdin=stdin.encode())
    return ['`{}` "{}"'.format(*line.split("\x1f", 1)) for line in lines if "\x1f" in line]


def _kind_of(name: str) -> tuple[str, str]:
    for prefix, kind in (("refs/heads/", "branch"), ("refs/tags/", "tag"), ("refs/remotes/", "remote branch")):
        if name.startswith(prefix):
            return kind, name.removeprefix(prefix)
    return "ref", name


def _tell_head(ends: Ends, objects: GitObjects, story: GitStory) -> None:
    old, new = ends.own[0].head, ends.own[1].head
    if old == new:
        return
    if new.startswith("refs/"):
        story.parts.append(f"HEAD now on `{new.removeprefix('refs/heads/')}`")
        return
    commits = _commits([new], [*ends.common[0].refs().values(), *([ends.commit(0)] if ends.commit(0) else [])], objects)
    story.parts.append(f"HEAD detached at `{new[:7]}`")
    story.parts += _commit_words(commits, "detached HEAD")


def _tell_stash(ends: Ends, objects: GitObjects, story: GitStory) -> None:
    old, new = ends.common[0].stashes(), ends.common[1].stashes()
    story.parts += [f'stash pushed: "{subject}"' for oid, subject in new.items() if oid not in old]
    for oid, subject in old.items():
        if oid not in new:
            story.parts.append(f'stash dropped: "{subject}"')


def _tell_index(ends: Ends, objects: GitObjects, story: GitStory) -> None:
    if ends.own[0].read("index") == ends.own[1].read("index"):
        return
    old, new = objects.index_entries(ends.own[0]), objects.index_entries(ends.own[1])
    if old is None or new is None:
        story.parts.append("index rewritten")
        return
    changed = [path for path in old.keys() | new.keys() if old.get(path) != new.get(path)]
    if not changed:
        return
    heads = ends.commit(0), ends.commit(1)
    trees: list[Entries] = [objects.tree_entries(head) if head else {} for head in heads]
    conflicts = [path for path in changed if b"|" in new.get(path, b"") or new.get(path, b"0")[-1:] != b"0"]
    staged = [path for path in changed if path not in conflicts and new.get(path) != trees[1].get(path)]
    unstaged = [
        path for path in changed if heads[0] == heads[1] and path not in {*staged, *conflicts} and path in old | new
    ]
    for paths, word in ((conflicts, "in conflict"), (staged, "staged"), (unstaged, "unstaged")):
        if paths:
            names = names_shown([path.decode("utf-8", "backslashreplace") for path in paths])
            story.parts.append(f"{len(paths)} file{'s' if len(paths) > 1 else ''} {word} ({names})")
    if not (conflicts or staged or unstaged) and not story.parts:
        story.parts.append("index rewritten")
