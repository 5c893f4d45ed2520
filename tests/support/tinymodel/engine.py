"""The real llama.cpp server, as the `xllamacpp` wheel carries it, in a process of its own on loopback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any, Self

CHILD = Path(__file__).with_name("engine_child.py")


class Engine:
    """A running server; a context manager that ends it.

    `settings` are attributes of `xllamacpp.CommonParams`, such as `n_ctx=4096`. The child ends with its parent, however
    that dies: it waits for its standard input to close.

    Raises:
        RuntimeError: the server did not start; the text is what it said.
    """

    def __init__(self, model: Path, n_ctx: int = 16384, **settings: object) -> None:
        options = {"n_ctx": n_ctx, "n_parallel": 1, "port": 0, **settings}
        self._process = subprocess.Popen(
            [sys.executable, str(CHILD), str(model), json.dumps(options)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "OMP_WAIT_POLICY": "passive"},
        )
        self.url = self._await_ready()

    @property
    def pid(self) -> int:
        """Process id of the server."""
        return self._process.pid

    def _await_ready(self) -> str:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            word, _, address = line.decode().strip().partition(" ")
            if word == "READY":
                return address
        said = self._process.communicate()[1].decode(errors="replace")
        raise RuntimeError(f"the engine did not start (exit {self._process.returncode}): {said[-2000:]}")

    def get(self, path: str) -> Any:
        """Return the JSON answer to a GET."""
        with urllib.request.urlopen(self.url + path, timeout=60) as answer:
            return json.load(answer)

    def post(self, path: str, body: object) -> Any:
        """Return the JSON answer to a POST, of whatever status."""
        head = {"Content-Type": "application/json"}
        request = urllib.request.Request(self.url + path, json.dumps(body).encode(), head)
        try:
            with urllib.request.urlopen(request, timeout=600) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as refusal:
            with refusal:
                return json.load(refusal)

    def tokens(self, text: str) -> list[int]:
        """Return the ids of a text in which control tokens count as such."""
        return list(self.post("/tokenize", {"content": text, "parse_special": True})["tokens"])

    def is_busy(self) -> bool:
        """Return whether any slot is working on a request."""
        return any(slot["is_processing"] for slot in self.get("/slots"))

    def await_idle(self, limit_s: float = 10.0) -> float:
        """Wait until no slot works, and return how long that took, in seconds.

        Raises:
            TimeoutError: still busy after `limit_s`.
        """
        begun = time.monotonic()
        while self.is_busy():
            if time.monotonic() - begun > limit_s:
                raise TimeoutError(f"the engine is still busy after {limit_s} s")
        return time.monotonic() - begun

    def close(self) -> None:
        """End the server and wait for it."""
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(10)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
