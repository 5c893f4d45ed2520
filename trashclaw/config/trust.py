"""Which folders a person has vouched for; kept outside of them, and void when their settings change."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from trashclaw.config.paths import FILE_NAME, PROJECT_FOLDER
from trashclaw.protocol.errors import ConfigError
from trashclaw.workspace.presence import is_file


class TrustStore:
    """The answers to "do you trust this folder?", one small file in the state folder."""

    def __init__(self, state: Path) -> None:
        self._file = state / "trust.json"

    def is_trusted(self, root: Path) -> bool:
        """Tell whether the folder was trusted with the settings it has now; a damaged store trusts nothing."""
        return self._read().get(str(root.resolve())) == _digest(root)

    def trust(self, root: Path) -> None:
        """Vouch for a folder with the settings it has now.

        Raises:
            ConfigError: the answer cannot be stored.
        """
        self._write({**self._read(), str(root.resolve()): _digest(root)})

    def revoke(self, root: Path) -> None:
        """Take an answer back.

        Raises:
            ConfigError: the change cannot be stored.
        """
        answers = self._read()
        answers.pop(str(root.resolve()), None)
        self._write(answers)

    def _read(self) -> dict[str, str]:
        try:
            answers = json.loads(self._file.read_bytes())
        except (OSError, ValueError, RecursionError):
            return {}
        return answers if isinstance(answers, dict) else {}

    def _write(self, answers: Mapping[str, str]) -> None:
        draft = self._file.with_name(f"{self._file.name}.{secrets.token_hex(4)}")
        try:
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(answers, file, indent=1)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self._file)
        except OSError as error:
            draft.unlink(missing_ok=True)
            raise ConfigError(f"{self._file} cannot be written: {error.strerror or error}.") from error


def _digest(root: Path) -> str:
    """Return a digest of the settings that work without being called by name."""
    file = root / PROJECT_FOLDER / FILE_NAME
    if not is_file(file):
        return "none"
    try:
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return "unreadable"
