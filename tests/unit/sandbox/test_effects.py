"""What a command did becomes a patch, and exactly what is accepted of it lands."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.copied_branch import branch_of, snapshot
from trashclaw.protocol.errors import StaleFile
from trashclaw.protocol.patches import ChangeKind, FileChange, HunkPart, Patch
from trashclaw.sandbox.effects import Effects, gather_effects, land_effects
from trashclaw.workspace.root import Workspace
from trashclaw.workspace.staging import Staging
from trashclaw.workspace.steps import Step

Run = Callable[[str], Effects]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "workspace"
    (folder / "src" / "deep").mkdir(parents=True)
    (folder / "src" / "app.py").write_text("".join(f"line {number}\n" for number in range(40)))
    (folder / "src" / "deep" / "other.py").write_text("other\n")
    (folder / "data.bin").write_bytes(bytes(range(256)) * 12)
    (folder / "link").symlink_to("src/app.py")
    (folder / "empty").mkdir()
    return folder


@pytest.fixture
def run(root: Path, tmp_path: Path) -> Run:
    def gather(command: str) -> Effects:
        return gather_effects(Workspace(root), [branch_of(root, command, tmp_path / "copy")])

    return gather


def only(effects: Effects) -> FileChange:
    (change,) = effects.patch.changes
    return change


def whats(change: FileChange) -> list[str]:
    return [hunk.what for hunk in change.hunks if hunk.part is not HunkPart.LINES]


def picked(patch: Patch, *paths: str) -> Patch:
    return Patch(changes=tuple(change for change in patch.changes if change.path in paths))


def test_no_change_is_nothing(run: Run) -> None:
    effects = run("cat src/app.py; touch src/app.py")
    assert not (effects.patch.changes or effects.ignored or effects.left_out)


@pytest.mark.parametrize(
    ("command", "kind", "words"),
    [
        ("chmod 755 src/app.py", ChangeKind.MODIFIED, ["mode 644 -> 755"]),
        ("printf 'a\\0b' > data.bin", ChangeKind.MODIFIED, ["binary file, 3.1 kB -> 3 B"]),
        ("printf 'a\\0b' > new.bin", ChangeKind.ADDED, ["binary file, 3 B"]),
        ("rm data.bin", ChangeKind.DELETED, ["binary file, 3.1 kB removed"]),
        ("ln -s src/deep/other.py two", ChangeKind.ADDED, ["link to src/deep/other.py"]),
        (
            "ln -sfn src two; rm two; ln -sf src/deep link",
            ChangeKind.MODIFIED,
            ["link to src/app.py -> link to src/deep"],
        ),
        ("rm link", ChangeKind.DELETED, ["link to src/app.py removed"]),
        ("mkdir -p made", ChangeKind.ADDED, ["empty folder"]),
        ("rmdir empty", ChangeKind.DELETED, ["empty folder removed"]),
        ("rmdir empty; printf 'a\\n' > empty", ChangeKind.MODIFIED, ["empty folder -> text file (utf-8), 2 B"]),
        ("rm link; mkdir link", ChangeKind.MODIFIED, ["link to src/app.py -> empty folder"]),
        ("mv src/app.py app.py", ChangeKind.RENAMED, ["renamed from src/app.py"]),
        ("mv src/app.py app.py; chmod 755 app.py", ChangeKind.RENAMED, ["renamed from src/app.py, mode 644 -> 755"]),
        (": > made", ChangeKind.ADDED, []),
        ("head -c 3000000 /dev/zero | tr '\\0' 'a' > made", ChangeKind.ADDED, ["large file, 3.0 MB"]),
        ("iconv -f utf-8 -t utf-16 src/deep/other.py > o; mv o src/deep/other.py", ChangeKind.MODIFIED, None),
        ("chmod 700 empty", ChangeKind.MODIFIED, ["mode 755 -> 700"]),
        ("rm -r src/deep; ln -s ../empty src/deep", ChangeKind.MODIFIED, None),
    ],
)
def test_every_kind_of_change_is_told_and_lands(
    run: Run, root: Path, tmp_path: Path, command: str, kind: ChangeKind, words: list[str] | None
) -> None:
    before = snapshot(root)
    effects = run(command)
    change = next(change for change in effects.patch.changes if change.kind is kind)
    if words is not None:
        assert whats(change) == words or (whats(change) == ["empty file"] and not words)
    land_effects(Workspace(root), effects, None)
    assert snapshot(root) == before
    landed = land_effects(Workspace(root), effects, effects.patch)
    assert not landed.rejected.changes
    assert snapshot(root) == snapshot(tmp_path / "copy")
    assert not list(root.rglob(".trashclaw-*"))


def test_lines_and_mode_are_accepted_apart(run: Run, root: Path) -> None:
    effects = run("sed -i 's/line 3$/three/; s/line 30/thirty/' src/app.py; chmod 755 src/app.py")
    change = only(effects)
    assert [hunk.part for hunk in change.hunks] == [HunkPart.LINES, HunkPart.LINES, HunkPart.MODE]
    part = Patch(changes=(change.model_copy(update={"hunks": change.hunks[1:]}),))
    landed = land_effects(Workspace(root), effects, part)
    text = (root / "src" / "app.py").read_text()
    assert "thirty" in text and "three" not in text
    assert stat.S_IMODE((root / "src" / "app.py").stat().st_mode) == 0o755
    assert [hunk.hunk_id for hunk in landed.rejected.hunks] == ["1"]


def test_only_the_lines_keep_the_mode(run: Run, root: Path) -> None:
    effects = run("sed -i 's/line 3$/three/' src/app.py; chmod 755 src/app.py")
    change = only(effects)
    land_effects(Workspace(root), effects, Patch(changes=(change.model_copy(update={"hunks": change.hunks[:1]}),)))
    assert "three" in (root / "src" / "app.py").read_text()
    assert stat.S_IMODE((root / "src" / "app.py").stat().st_mode) == 0o644


def test_a_folder_of_many_files_that_moved_stays_readable(run: Run, root: Path, tmp_path: Path) -> None:
    for number in range(300):
        (root / "src" / "deep" / f"f{number}.py").write_text(f"{number}\n")
    effects = run("mv src lib")
    assert {change.kind for change in effects.patch.changes} == {ChangeKind.RENAMED}
    assert len(effects.patch.hunks) == 302
    land_effects(Workspace(root), effects, effects.patch)
    assert snapshot(root) == snapshot(tmp_path / "copy")


def test_new_files_in_other_encodings_land_as_their_very_bytes(run: Run, root: Path, tmp_path: Path) -> None:
    command = "printf 'caf\\351\\n' > one; printf '\\377\\376a\\0' > two; printf '\\357\\273\\277x\\r\\n' > three"
    effects = run(command)
    assert all(hunk.lines for hunk in effects.patch.hunks)
    land_effects(Workspace(root), effects, effects.patch)
    assert snapshot(root) == snapshot(tmp_path / "copy")


STRANGE_NAMES = r"""python3 -c 'import os
for name in (b"bad\xff", b"bad\\xff", b"two\nlines", b"\x1b[31m", b"d\xfe/f"):
    os.makedirs(os.path.dirname(name) or b".", exist_ok=True)
    open(name, "wb").write(name)'"""


def test_names_that_no_text_can_hold_land_under_their_own(run: Run, root: Path, tmp_path: Path) -> None:
    effects = run(STRANGE_NAMES)
    paths = [change.path for change in effects.patch.changes]
    assert len(paths) == len(set(paths)) == 5
    assert effects.patch.model_dump_json()
    land_effects(Workspace(root), effects, effects.patch)
    assert snapshot(root) == snapshot(tmp_path / "copy")
    assert (os.fsencode(root) + b"/bad\xff") in [os.fsencode(path) for path in root.iterdir()]


def test_a_link_that_leads_out_is_warned_about(run: Run) -> None:
    effects = run("ln -s /etc/passwd out; ln -s ../../x src/up; ln -s ../link src/in")
    warned = {change.path: bool(change.warning) for change in effects.patch.changes}
    assert warned == {"out": True, "src/up": True, "src/in": False}


def test_pipes_and_sockets_never_land(run: Run, root: Path) -> None:
    effects = run("mkfifo pipe; echo x > file")
    assert [left.path for left in effects.left_out] == ["pipe"]
    land_effects(Workspace(root), effects, effects.patch)
    assert (root / "file").exists() and not (root / "pipe").exists()


def test_our_own_settings_never_land(root: Path, tmp_path: Path) -> None:
    branch = branch_of(
        root, "mkdir .trashclaw; echo x > .trashclaw/config.yaml; mkdir .GIT; echo y > .GIT/x", tmp_path / "c"
    )
    effects = gather_effects(Workspace(root, protected=(root / ".trashclaw",)), [branch])
    assert not effects.patch.changes
    assert {left.path for left in effects.left_out} >= {".trashclaw/config.yaml", ".GIT/x"}


def test_a_file_changed_meanwhile_is_a_conflict_and_the_users_version_is_what_is_shown(
    root: Path, tmp_path: Path
) -> None:
    branch = branch_of(root, "echo theirs >> src/deep/other.py; echo x > new; echo y > same", tmp_path / "copy")
    (root / "src" / "deep" / "other.py").write_text("mine\n")
    (root / "new").write_text("mine\n")
    (root / "same").write_text("y\n")
    effects = gather_effects(Workspace(root), [branch])
    assert {change.path: "while the command ran" in change.warning for change in effects.patch.changes} == {
        "new": True,
        "src/deep/other.py": True,
    }
    assert "-mine\n" in effects.patch.changes[1].hunks[0].lines
    land_effects(Workspace(root), effects, effects.patch)
    assert (root / "new").read_text() == "x\n"


def test_a_file_removed_meanwhile_is_a_conflict(root: Path, tmp_path: Path) -> None:
    branch = branch_of(root, "echo theirs >> src/deep/other.py", tmp_path / "copy")
    (root / "src" / "deep" / "other.py").unlink()
    assert "removed" in only(gather_effects(Workspace(root), [branch])).warning


def test_a_file_that_moved_on_while_it_was_reviewed_stops_everything(run: Run, root: Path) -> None:
    effects = run("echo a >> src/app.py; echo b > new; chmod 600 data.bin; rm link")
    (root / "src" / "app.py").write_text("mine\n")
    before = snapshot(root)
    with pytest.raises(StaleFile, match=r"src/app\.py"):
        land_effects(Workspace(root), effects, effects.patch)
    assert snapshot(root) == before


def test_what_cannot_be_without_something_rejected_is_not_landed(run: Run, root: Path) -> None:
    effects = run("rm data.bin; mkdir data.bin; echo x > data.bin/below; rm -r src; echo y > src")
    before = snapshot(root)
    landed = land_effects(Workspace(root), effects, picked(effects.patch, "data.bin/below", "src"))
    assert not landed.landed
    assert snapshot(root) == before


def test_a_command_that_deletes_everything_is_a_patch_like_any_other(run: Run, root: Path, tmp_path: Path) -> None:
    effects = run("rm -rf ./* ./.[a-z]*")
    before = snapshot(root)
    land_effects(Workspace(root), effects, None)
    assert snapshot(root) == before
    land_effects(Workspace(root), effects, effects.patch)
    assert snapshot(root) == snapshot(tmp_path / "copy") == {}


def test_read_only_folders_and_files_come_as_they_were_made(run: Run, root: Path, tmp_path: Path) -> None:
    effects = run(
        "mkdir -p shut/in; echo x > shut/in/f; chmod 400 shut/in/f; chmod 500 shut/in shut; chmod 000 data.bin"
    )
    land_effects(Workspace(root), effects, effects.patch)
    assert {path: entry[0] for path, entry in snapshot(root).items()} == {
        path: entry[0] for path, entry in snapshot(tmp_path / "copy").items()
    }


@pytest.mark.parametrize("command", ["mv data.bin moved", "mv src/app.py moved; echo more >> moved"])
def test_what_moves_is_never_nowhere_while_it_lands(
    run: Run, root: Path, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    effects = run(command)
    (old,) = (change.from_path or change.path for change in effects.patch.changes if change.kind.value != "added")
    perform, seen = Staging.perform, []

    def look_after(staging: Staging, at: int, step: Step) -> None:
        perform(staging, at, step)
        seen.append((root / old).exists() or (root / "moved").exists())

    monkeypatch.setattr(Staging, "perform", look_after)
    land_effects(Workspace(root), effects, effects.patch)
    assert len(seen) == 2 and all(seen)
    assert (root / "moved").exists() and not (root / old).exists()
