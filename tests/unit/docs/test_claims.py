"""What the pages claim of the program's behaviour is so."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

NO_NETWORK = """
import socket, sys
def refuse(self, address):
    raise AssertionError(f"a connection to {address}")
socket.socket.connect = socket.socket.connect_ex = refuse
socket.getaddrinfo = lambda *names, **kinds: refuse(None, names)
sys.argv = ["trashclaw", "--batch", "--demo", "--output", "json"]
from trashclaw.__main__ import main
sys.exit(main())
"""


def test_the_demo_opens_no_connection_at_all(workspace_folder: Path) -> None:
    program = [sys.executable, "-c", NO_NETWORK]
    done = subprocess.run(program, cwd=workspace_folder, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert '"exit_code": 0' in done.stdout
