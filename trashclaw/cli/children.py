"""How the end of programs that were started is heard of."""

from __future__ import annotations

import asyncio
import os
import sys


def watch_without_threads() -> None:
    """Let the kernel tell of each program's end; Python 3.11 starts a thread for each, later ones do it by themselves.

    Where the kernel does not, the threads stay.
    """
    if sys.platform == "linux" and sys.version_info < (3, 12):
        try:
            os.close(os.pidfd_open(os.getpid()))
        except OSError:
            return
        asyncio.set_child_watcher(asyncio.PidfdChildWatcher())
