"""A file is written whole or not at all."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from trashclaw.protocol.errors import ConfigError


def replace_file(path: Path, data: bytes, *, mode: int | None = None) -> None:
    """Write a file whole or not at all, with these permissions; `None`: those that it has, or the usual ones.

    Raises:
        ConfigError: it cannot be written; what was there is there still.
    """
    draft = path.with_name(f".{path.name}.{os.urandom(4).hex()}")
    try:
        path.parent.mkdir(exist_ok=True)
        if mode is None:
            mode = stat.S_IMODE(path.lstat().st_mode) if os.path.lexists(path) else 0o666 & ~_umask()
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.chmod(mode)
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise ConfigError(f"{path} cannot be written: {error.strerror or error}.") from error


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
