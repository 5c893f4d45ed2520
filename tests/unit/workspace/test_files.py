"""Files keep their encoding, line ends and mode; a write is whole or not at all."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.privileges import modes_count
from trashclaw.protocol.errors import UnsuitableFile
from trashclaw.workspace.files import decode, digest, read_bytes, read_text, replace_file

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="POSIX modes and limits")


@pytest.mark.parametrize(
    ("data", "encoding", "text"),
    [
        (b"plain\n", "utf-8", "plain\n"),
        ("grüße\r\n".encode(), "utf-8", "grüße\r\n"),
        (b"\xef\xbb\xbfmarked\n", "utf-8", "marked\n"),
        ("weit\n".encode("utf-16"), "utf-16-le", "weit\n"),
        (b"\xfe\xff" + "weit\n".encode("utf-16-be"), "utf-16-be", "weit\n"),
        ("weit\n".encode("utf-32"), "utf-32-le", "weit\n"),
        ("caf\xe9 \u20ac\n".encode("cp1252"), "cp1252", "caf\xe9 \u20ac\n"),
        (b"caf\xe9 \x81\n", "latin-1", "caf\xe9 \x81\n"),
        (b"", "utf-8", ""),
        ("é è ü\n".encode() + b"bad \xff byte\n", "utf-8", "é è ü\nbad \uefff byte\n"),
        ("é \uefff".encode() + b"\xff", "cp1252", None),
        ("é".encode() + b"\xff\xe9", "cp1252", None),
    ],
)
def test_the_encoding_is_found_and_goes_back(data: bytes, encoding: str, text: str | None) -> None:
    file = decode(data, "f")
    assert file.encoding == encoding
    assert text is None or file.text == text
    assert file.encode(file.text, "f") == data


_PIECES = st.sampled_from([b"\xff", b"\xc3", b"a\n", "\uefff".encode(), "ü".encode(), b"\xed\xa0\x80", "😀".encode()])


@given(st.lists(_PIECES, max_size=12).map(b"".join) | st.binary(max_size=300))
def test_whatever_can_be_read_goes_back_byte_for_byte(data: bytes) -> None:
    try:
        file = decode(data, "f")
    except UnsuitableFile:
        return
    assert file.encode(file.text, "f") == data
    assert file.sha256 == digest(data)


@pytest.mark.parametrize(
    "data",
    [
        b"\x7fELF\x02\x01\x01\0\0",
        b"text\0text",
        b"\xff\xfe\x00",
        bytes(range(1, 32)) * 8 + b"\xff",
        b"\xff\xfe\x00\xd8a\0",
    ],
)
def test_binary_is_refused_clearly(data: bytes) -> None:
    with pytest.raises(UnsuitableFile, match="f"):
        decode(data, "f")


def test_a_character_that_the_encoding_lacks_is_named_with_its_line() -> None:
    file = decode(b"caf\xe9\n", "menu.txt")
    with pytest.raises(UnsuitableFile, match=r"menu\.txt is encoded as cp1252.*line 2"):
        file.encode("ok\n\u4f60\n", "menu.txt")


def test_a_lone_surrogate_never_becomes_a_stray_byte() -> None:
    file = decode("é è\n".encode() + b"\xff\n", "f")
    assert file.label == "utf-8 with stray bytes"
    with pytest.raises(UnsuitableFile, match="line 2"):
        file.encode("é è\n\udcff\n", "f")


def test_a_huge_file_is_refused_with_its_size(tmp_path: Path) -> None:
    huge = tmp_path / "huge"
    with huge.open("wb") as stream:
        stream.truncate(50_000_000_000)
    with pytest.raises(UnsuitableFile, match="50,000,000,000 bytes"):
        read_text(huge, "huge")


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnsuitableFile, match="folder"):
        read_bytes(tmp_path, "f")
    with pytest.raises(UnsuitableFile, match="does not exist"):
        read_bytes(tmp_path / "none", "none")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_does_not_hang_the_reader(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UnsuitableFile):
        read_bytes(tmp_path / "pipe", "pipe")


def put(file: Path, data: bytes) -> None:
    """Put bytes in place of a file, or where none is."""
    before = file.lstat() if file.exists() else None
    replace_file(file, data, before, None if before is None else stat.S_IMODE(before.st_mode))


@posix_only
@pytest.mark.parametrize("mode", [0o644, 0o755, 0o600, 0o664])
def test_a_write_keeps_the_mode(tmp_path: Path, mode: int) -> None:
    file = tmp_path / "run.sh"
    file.write_bytes(b"old")
    file.chmod(mode)
    put(file, b"new")
    assert file.read_bytes() == b"new"
    assert stat.S_IMODE(file.stat().st_mode) == mode


@posix_only
def test_a_new_file_gets_the_mode_that_the_umask_leaves(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        put(tmp_path / "new", b"x")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o640


@posix_only
def test_a_file_that_became_a_link_is_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "victim").write_bytes(b"old")
    (tmp_path / "link").symlink_to("victim")
    put(tmp_path / "link", b"new")
    assert not (tmp_path / "link").is_symlink()
    assert (tmp_path / "victim").read_bytes() == b"old"


@pytest.mark.parametrize("below", ["", "deep/"])
def test_a_folder_that_became_a_link_is_not_entered(tmp_path: Path, below: str) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "f").write_bytes(b"old")
    (tmp_path / "folder").symlink_to("outside", target_is_directory=True)
    with pytest.raises(OSError):
        replace_file(tmp_path / "folder" / below / "f", b"new", None, None)
    assert [entry.name for entry in (tmp_path / "outside").iterdir()] == ["f"]
    assert (tmp_path / "outside" / "f").read_bytes() == b"old"


@posix_only
def test_nobody_else_reads_the_new_text_of_a_private_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    modes: list[int] = []
    opened = os.open

    def watched(path: str, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        descriptor = opened(path, flags, mode, dir_fd=dir_fd)
        if flags & os.O_CREAT:
            modes.append(stat.S_IMODE(os.fstat(descriptor).st_mode))
        return descriptor

    (tmp_path / "secret").write_bytes(b"old")
    (tmp_path / "secret").chmod(0o600)
    monkeypatch.setattr("trashclaw.workspace.held_folder.os.open", watched)
    put(tmp_path / "secret", b"new")
    assert modes == [0o600]


@posix_only
def test_a_folder_that_may_be_entered_but_not_listed_is_passed_through(tmp_path: Path) -> None:
    (tmp_path / "shut" / "open").mkdir(parents=True)
    (tmp_path / "shut").chmod(0o311)
    put(tmp_path / "shut" / "open" / "f", b"new")
    assert (tmp_path / "shut" / "open" / "f").read_bytes() == b"new"
    (tmp_path / "shut").chmod(0o755)


def test_without_folder_handles_a_link_on_the_way_is_refused_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trashclaw.workspace.held_folder._CAN_HOLD", False)
    (tmp_path / "deep").mkdir()
    put(tmp_path / "deep" / "f", b"new")
    put(tmp_path / "deep" / "f", b"newer")
    assert (tmp_path / "deep" / "f").read_bytes() == b"newer"
    (tmp_path / "link").symlink_to("deep", target_is_directory=True)
    with pytest.raises(OSError):
        replace_file(tmp_path / "link" / "f", b"x", None, None)
    assert (tmp_path / "deep" / "f").read_bytes() == b"newer"


def test_another_name_of_the_same_file_keeps_the_old_bytes(tmp_path: Path) -> None:
    (tmp_path / "one").write_bytes(b"old")
    os.link(tmp_path / "one", tmp_path / "two")
    put(tmp_path / "one", b"new")
    assert (tmp_path / "two").read_bytes() == b"old"


@posix_only
def test_a_read_only_folder_leaves_everything_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"old")
    tmp_path.chmod(0o555)
    try:
        with modes_count(), pytest.raises(OSError):
            put(tmp_path / "f", b"new")
    finally:
        tmp_path.chmod(0o755)
    assert [entry.name for entry in tmp_path.iterdir()] == ["f"]


FULL_DISK = """
import resource, sys
from pathlib import Path
from trashclaw.workspace.files import replace_file
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    replace_file(Path(sys.argv[1]), b"n" * 5000, None, None)
except OSError as error:
    print(error)
"""


@posix_only
def test_a_write_that_breaks_off_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"old")
    ran = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(tmp_path / "f")], capture_output=True, text=True, timeout=60, check=True
    )
    assert "File too large" in ran.stdout
    assert (tmp_path / "f").read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["f"]


KILLED = """
import sys
from pathlib import Path
from trashclaw.workspace.files import replace_file
target = Path(sys.argv[1])
print("go", flush=True)
while True:
    for letter in b"ab":
        replace_file(target, bytes([letter]) * 200_000, None, None)
"""


@posix_only
def test_a_kill_in_the_middle_of_writing_leaves_the_file_whole(tmp_path: Path) -> None:
    target = tmp_path / "f"
    target.write_bytes(b"a" * 200_000)
    for _ in range(5):
        with subprocess.Popen([sys.executable, "-c", KILLED, str(target)], stdout=subprocess.PIPE) as child:
            assert child.stdout is not None
            child.stdout.readline()
            inode = target.stat().st_ino
            while target.stat().st_ino == inode:
                pass
            child.send_signal(signal.SIGKILL)
        data = target.read_bytes()
        assert data in (b"a" * 200_000, b"b" * 200_000)
