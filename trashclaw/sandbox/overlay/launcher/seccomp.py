"""The filter of system calls: what a command may not ask of the kernel. Denied calls fail; the program goes on."""

from __future__ import annotations

import errno
import struct

from trashclaw.sandbox.overlay.launcher.kernel import machine

_ARCHITECTURES = (0xC000003E, 0xC00000B7)
_X32_BIT = 0x40000000

_DENIED = {
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "open_tree_attr": (467, 467),
    "unshare": (272, 97),
    "setns": (308, 268),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "open_by_handle_at": (304, 265),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "reboot": (169, 142),
    "acct": (163, 89),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "syslog": (103, 116),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
}
"""Fail with EPERM. The numbers: x86_64, aarch64."""

_MISSING = {
    "clone3": (435, 435),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
}
"""Fail with ENOSYS, whereupon programs take the older way; the flags of clone3 cannot be looked at."""

_ONLY_X86 = {"iopl": 172, "ioperm": 173, "uselib": 134, "lookup_dcookie": 212, "vhangup": 153}
_CLONE, _SOCKET, _SOCKETPAIR, _IOCTL, _PERSONALITY = (56, 220), (41, 198), (53, 199), (16, 29), (135, 92)

_NEW_NAMESPACES = 0x7E020000
_FAMILIES = (1, 2, 10, 16)
"""AF_UNIX, AF_INET, AF_INET6, AF_NETLINK; others, as AF_VSOCK, do not stop at a network namespace."""

_IOCTLS = (0x5412, 0x541C)
"""TIOCSTI and TIOCLINUX type into a terminal."""

_PERSONALITIES = (0x0, 0x8, 0x20000, 0x20008, 0x40000, 0xFFFFFFFF)

_LOAD, _JUMP_EQUAL, _JUMP_GREATER_EQUAL, _JUMP_ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW = 0x7FFF0000
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16


def build_filter() -> bytes:
    """Return the program for this machine.

    Raises:
        OSError: the machine is neither x86_64 nor aarch64.
    """
    column = machine()
    if column is None:
        raise OSError("no filter for this processor")
    lines = [(_LOAD, 0, 0, _ARCHITECTURE), (_JUMP_EQUAL, 1, 0, _ARCHITECTURES[column]), _fail(errno.EPERM)]
    lines += [(_LOAD, 0, 0, _NUMBER), (_JUMP_GREATER_EQUAL, 0, 1, _X32_BIT), _fail(errno.ENOSYS)]
    denied = [numbers[column] for numbers in _DENIED.values()] + (list(_ONLY_X86.values()) if column == 0 else [])
    for number in denied:
        lines += [(_JUMP_EQUAL, 0, 1, number), _fail(errno.EPERM)]
    for numbers in _MISSING.values():
        lines += [(_JUMP_EQUAL, 0, 1, numbers[column]), _fail(errno.ENOSYS)]
    lines += _on_argument(_CLONE[column], 0, [(_JUMP_ANY_BIT, 0, 1, _NEW_NAMESPACES), _fail(errno.EPERM)])
    for numbers in (_SOCKET, _SOCKETPAIR):
        lines += _on_argument(numbers[column], 0, _only(_FAMILIES, errno.EAFNOSUPPORT))
    typing = [line for number in _IOCTLS for line in ((_JUMP_EQUAL, 0, 1, number), _fail(errno.EPERM))]
    lines += _on_argument(_IOCTL[column], 1, typing)
    lines += _on_argument(_PERSONALITY[column], 0, _only(_PERSONALITIES, errno.EPERM))
    lines.append((_RETURN, 0, 0, _ALLOW))
    return b"".join(struct.pack("=HBBI", *line) for line in lines)


_Line = tuple[int, int, int, int]


def _fail(number: int) -> _Line:
    return (_RETURN, 0, 0, 0x00050000 | number)


def _only(values: tuple[int, ...], number: int) -> list[_Line]:
    """Let these values of an argument pass, and no other."""
    lines: list[_Line] = [(_JUMP_EQUAL, len(values) - place, 0, value) for place, value in enumerate(values)]
    return [*lines, _fail(number)]


def _on_argument(number: int, place: int, body: list[_Line]) -> list[_Line]:
    """Look at an argument of one call; whatever the body lets pass is allowed."""
    inside = [(_LOAD, 0, 0, _FIRST_ARGUMENT + 8 * place), *body, (_RETURN, 0, 0, _ALLOW)]
    return [(_JUMP_EQUAL, 0, len(inside), number), *inside]
