"""Folders that are held open: what is in them is reached through no link, also when they are kept open for long."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from trashclaw.workspace.held_folder import KEPT_FOLDERS, hold_folder, keep_folders


def _open_descriptors() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


needs_proc = pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="open files are counted in /proc")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = Path(os.path.realpath(tmp_path)) / "above" / "folder"
    folder.mkdir(parents=True)
    (folder / "file").write_text("in the folder", encoding="utf-8")
    return folder


def _read(folder: Path) -> bytes:
    with hold_folder(folder) as held:
        return held.read("file")


@pytest.mark.parametrize("moved", ["folder", "above"])
def test_a_kept_folder_that_became_a_link_is_not_entered(folder: Path, moved: str) -> None:
    place = folder if moved == "folder" else folder.parent
    aside = place.with_name("aside")
    with keep_folders():
        assert _read(folder) == b"in the folder"
        place.rename(aside)
        place.symlink_to(aside)
        with pytest.raises(OSError, match=r"[Nn]ot a directory|Too many levels"):
            _read(folder)


def test_a_kept_folder_that_was_replaced_is_reached_anew(folder: Path) -> None:
    with keep_folders():
        _read(folder)
        folder.rename(folder.with_name("aside"))
        folder.mkdir()
        (folder / "file").write_text("in the new one", encoding="utf-8")
        assert _read(folder) == b"in the new one"


def test_a_kept_folder_that_is_gone_is_not_found(folder: Path) -> None:
    with keep_folders():
        _read(folder)
        (folder / "file").unlink()
        folder.rmdir()
        with pytest.raises(FileNotFoundError):
            _read(folder)


def test_a_folder_stays_open_while_it_is_held_whatever_happens_to_it(folder: Path) -> None:
    many = [folder / str(number) for number in range(KEPT_FOLDERS * 2)]
    with keep_folders(), hold_folder(folder) as held:
        for one in many:
            one.mkdir()
            (one / "file").write_text(one.name, encoding="utf-8")
            assert _read(one) == one.name.encode()
        folder.rename(folder.with_name("aside"))
        folder.mkdir()
        with hold_folder(folder) as new:
            assert new.look("file") is None
        assert held.read("file") == b"in the folder"


@needs_proc
def test_no_folder_stays_open_afterwards(folder: Path) -> None:
    before = _open_descriptors()
    with keep_folders(), hold_folder(folder), hold_folder(folder):
        for number in range(KEPT_FOLDERS * 2):
            (folder / str(number)).mkdir()
            with hold_folder(folder / str(number)):
                pass
        assert _open_descriptors() < before + KEPT_FOLDERS + 5
        folder.rename(folder.with_name("aside"))
        with pytest.raises(FileNotFoundError), hold_folder(folder):
            pass
    assert _open_descriptors() == before
