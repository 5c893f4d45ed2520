"""What runs in the process of the embedded engine: llama.cpp's server, until our end of its standard input closes.

Run as a file, it needs nothing of trashclaw but this. The settings come as one line of JSON on standard input, where no
list of processes shows the key; one line of JSON on standard output says where the server listens.
"""

from __future__ import annotations

import importlib
import json
import os
import shutil
import signal
import sys
import threading
from typing import Any

ERRORS_ONLY = 1
"""How much the engine writes to standard error, where the parent reads why a model was not loaded."""

PROMPT_CACHE_MIB = 2048
"""Memory for the prompts of other conversations, so that a summary or a title does not push out the main one."""

CHECKPOINT_STEP = 256
"""Tokens between two states of a model that cannot roll back; by default all but one of a window would be dropped."""


def main() -> None:
    """Serve the model that the first line of standard input names, and end with the parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    settings = json.loads(sys.stdin.buffer.readline() or b"null")
    if settings is None:
        return
    # Loading may take minutes, and the parent may be gone before it is done.
    watcher = threading.Thread(
        target=_leave_with_parent, args=(settings["folder"],), name="parent watcher", daemon=True
    )
    watcher.start()
    xllamacpp = importlib.import_module("xllamacpp")
    server = xllamacpp.Server(_params(xllamacpp, settings))
    sys.stdout.write(json.dumps({"address": server.listening_address}) + "\n")
    sys.stdout.flush()
    watcher.join()


def _params(xllamacpp: Any, settings: dict[str, Any]) -> Any:
    params = xllamacpp.CommonParams()
    params.model.path = settings["model_path"]
    params.n_ctx = settings["n_ctx"]
    params.n_parallel = 1
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = settings["threads"]
    params.cache_ram_mib = PROMPT_CACHE_MIB
    params.checkpoint_min_step = CHECKPOINT_STEP
    params.verbosity = ERRORS_ONLY
    params.ui = False
    params.port = 0
    # By default it answers any web page that the user has open.
    params.cors_origins = "http://localhost"
    params.cors_credentials = False
    if settings["socket_path"]:
        params.hostnames = [settings["socket_path"]]
    if settings["api_key"]:
        params.api_keys = [settings["api_key"]]
    return params


def _leave_with_parent(folder: str) -> None:
    """End once the parent has, and take our folder along: a parent that was killed cannot."""
    while sys.stdin.buffer.read(4096):
        pass
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)


if __name__ == "__main__":
    main()
