"""The results of exams: one small file for each model, written whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
from pathlib import Path

from trashclaw.protocol.errors import StoreError

FOLDER = "exams"
LIMIT_BYTES = 200_000
"""A larger file is none of ours."""


class ExamStore:
    """Keeps a text for each model; a model is told by provider, name and digest."""

    def __init__(self, state: Path) -> None:
        """Keep them in the state folder `state`; nothing is read or made yet."""
        self._folder = state / FOLDER

    def path(self, provider: str, model: str, digest: str) -> Path:
        """Return where the result for a model is kept; it need not be there."""
        identity = json.dumps([provider, model, digest]).encode()
        name = re.sub(r"[^A-Za-z0-9._-]+", "-", f"{provider}-{Path(model).name}")[:60].strip(".-")
        return self._folder / f"{name or 'model'}-{hashlib.sha256(identity).hexdigest()[:16]}.json"

    def read(self, provider: str, model: str, digest: str) -> bytes | None:
        """Return what was kept, unchecked; `None` if there is nothing.

        Raises:
            StoreError: it cannot be read, or is too large.
        """
        path = self.path(provider, model, digest)
        try:
            with path.open("rb") as file:
                data = file.read(LIMIT_BYTES + 1)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StoreError(f"The exam's result {path} cannot be read: {error.strerror or error}.") from error
        if len(data) > LIMIT_BYTES:
            raise StoreError(f"The exam's result {path} is too large.", "Take the exam again.")
        return data

    def write(self, provider: str, model: str, digest: str, text: str) -> Path:
        """Keep a result in place of the one before, and return where it is.

        Raises:
            StoreError: it cannot be written; the one before is still there.
        """
        path = self.path(provider, model, digest)
        waiting: Path | None = None
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(prefix=".", suffix=".tmp", dir=self._folder)
            waiting = Path(name)
            with os.fdopen(handle, "wb") as file:
                file.write(text.encode("utf-8", "replace"))
                file.flush()
                os.fsync(file.fileno())
            waiting.replace(path)
        except OSError as error:
            if waiting is not None:
                waiting.unlink(missing_ok=True)
            hint = f"Check the free space and the permissions of {self._folder}."
            raise StoreError(f"The exam's result cannot be kept: {error.strerror or error}.", hint) from error
        return path
