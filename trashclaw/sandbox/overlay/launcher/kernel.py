"""The calls of the Linux kernel that Python does not have, by ctypes."""

from __future__ import annotations

import ctypes
import os
import platform
import signal
from functools import cache

CLONE_NEWNS = 0x00020000
CLONE_NEWCGROUP = 0x02000000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

RDONLY = 0x1
NOSUID = 0x2
NODEV = 0x4
NOEXEC = 0x8
"""Attributes of a mount, for `set_mount`."""

_PRIVATE = 1 << 18
_AT_FDCWD = -100
_AT_RECURSIVE = 0x8000
_AT_EMPTY_PATH = 0x1000
_CLONE_TREE = 0x1
_CLOEXEC_TREE = 0o2000000
_FROM_EMPTY_PATH = 0x4
_TO_SYMLINKS = 0x10

_SYSCALLS = {"clone": (56, 220), "open_tree": (428, 428), "move_mount": (429, 429), "mount_setattr": (442, 442)}
_SYSCALLS |= {"close_range": (436, 436)}
_MACHINES = {"x86_64": 0, "aarch64": 1}

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_SECCOMP = 22
PR_CAPBSET_DROP = 24
PR_SET_NO_NEW_PRIVS = 38
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_CLEAR_ALL = 4

_CAPABILITY_VERSION_3 = 0x20080522


class _MountAttributes(ctypes.Structure):
    _fields_ = (
        ("set", ctypes.c_uint64),
        ("clear", ctypes.c_uint64),
        ("propagation", ctypes.c_uint64),
        ("userns", ctypes.c_uint64),
    )


class _CapabilityHeader(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _Capabilities(ctypes.Structure):
    _fields_ = (("effective", ctypes.c_uint32), ("permitted", ctypes.c_uint32), ("inheritable", ctypes.c_uint32))


def machine() -> int | None:
    """Return the column of this machine in tables of system calls: 0 for x86_64, 1 for aarch64, else `None`."""
    return _MACHINES.get(platform.machine()) if ctypes.sizeof(ctypes.c_void_p) == 8 else None


def release() -> tuple[int, int]:
    """Return the kernel's version, `(6, 14)`; zeros where it cannot be told."""
    parts = platform.release().split(".")
    try:
        return int(parts[0]), int(parts[1].split("-")[0])
    except (ValueError, IndexError):
        return 0, 0


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _check(result: int, what: str, path: bytes = b"") -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{os.strerror(number)} ({what})", os.fsdecode(path) if path else None)
    return result


def _syscall(name: str, *arguments: ctypes.c_long | ctypes.c_char_p | object, path: bytes = b"") -> int:
    column = machine()
    if column is None:
        raise OSError(f"unknown processor {platform.machine()}")
    return _check(_libc().syscall(ctypes.c_long(_SYSCALLS[name][column]), *arguments), name, path)


def unshare(flags: int) -> None:
    """Move this process into new namespaces."""
    _check(_libc().unshare(ctypes.c_int(flags)), "unshare")


def fork_into(flags: int) -> int:
    """Fork into new namespaces; 0 in the child. Only for a process with a single thread."""
    zero = ctypes.c_long(0)
    return _syscall("clone", ctypes.c_long(flags | signal.SIGCHLD), zero, zero, zero, zero)


def prctl(option: int, *values: int) -> int:
    """Change something about this process."""
    padded = [ctypes.c_ulong(value) for value in (*values, 0, 0, 0, 0)[:4]]
    return _check(_libc().prctl(ctypes.c_int(option), *padded), f"prctl {option}")


def install_filter(program: bytes) -> None:
    """Install a seccomp filter, for this process and all that come from it."""
    buffer = ctypes.create_string_buffer(program, len(program))

    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))

    given = Program(len(program) // 8, ctypes.cast(buffer, ctypes.c_void_p))
    result = _libc().prctl(
        ctypes.c_int(PR_SET_SECCOMP), ctypes.c_ulong(2), ctypes.byref(given), ctypes.c_ulong(0), ctypes.c_ulong(0)
    )
    _check(result, "seccomp")


def keep_capabilities(kept: int) -> None:
    """Give up all capabilities but those in the mask, for good."""
    number = 0
    while number < 64:
        if not kept >> number & 1 and _libc().prctl(PR_CAPBSET_DROP, ctypes.c_ulong(number), 0, 0, 0) < 0:
            break
        number += 1
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL)
    header, data = _CapabilityHeader(_CAPABILITY_VERSION_3, 0), (_Capabilities * 2)()
    data[0].effective = data[0].permitted = kept & 0xFFFFFFFF
    _check(_libc().capset(ctypes.byref(header), data), "capset")


def close_from(first: int) -> None:
    """Close all descriptors from this number on."""
    try:
        _syscall("close_range", ctypes.c_ulong(first), ctypes.c_ulong(0xFFFFFFFF), ctypes.c_ulong(0))
    except OSError:
        os.closerange(first, 65536)


def mount(kind: str, target: bytes, flags: int, options: str = "") -> None:
    """Mount a new file system."""
    name = kind.encode()
    data = options.encode() if options else None
    _check(_libc().mount(name, target, name, ctypes.c_ulong(flags), data), f"mount {kind}", target)


def clone_tree(fd: int, path: bytes = b"", *, is_recursive: bool = False) -> int:
    """Return a descriptor of a copy of a mount, from this place downward; it is attached nowhere yet."""
    flags = _CLONE_TREE | _CLOEXEC_TREE | _AT_EMPTY_PATH | (_AT_RECURSIVE if is_recursive else 0)
    return _syscall("open_tree", ctypes.c_int(fd), ctypes.c_char_p(path), ctypes.c_uint(flags), path=path)


def attach(tree: int, target: bytes) -> None:
    """Attach a copied mount over a path, at the end of its links."""
    flags = ctypes.c_uint(_FROM_EMPTY_PATH | _TO_SYMLINKS)
    here = ctypes.c_int(_AT_FDCWD)
    _syscall("move_mount", ctypes.c_int(tree), ctypes.c_char_p(b""), here, ctypes.c_char_p(target), flags, path=target)


def set_mount(fd: int, path: bytes, added: int, removed: int = 0, *, is_recursive: bool = False) -> None:
    """Change the attributes of a mount, and make it private; `fd` counts where the path is empty."""
    given = _MountAttributes(added, removed, _PRIVATE, 0)
    flags = (_AT_RECURSIVE if is_recursive else 0) | (0 if path else _AT_EMPTY_PATH)
    base = fd if not path else _AT_FDCWD
    size = ctypes.c_size_t(ctypes.sizeof(given))
    _syscall(
        "mount_setattr",
        ctypes.c_int(base),
        ctypes.c_char_p(path),
        ctypes.c_uint(flags),
        ctypes.byref(given),
        size,
        path=path,
    )
