"""Shows the main job on the embedded engine: llama.cpp's own server, tiny trained weights, a real file and its tests.

python -m tests.support.tinymodel.demo
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from tests.support.tinymodel.weights import TRAINED

TASK = "The add function in calc.py gives wrong answers. Please fix it."
FILES = {
    "calc.py": '"""Tiny calculator."""\n\n\ndef add(a, b):\n    return a - b\n',
    "test_calc.py": "import calc\n\n\ndef test_add():\n    assert calc.add(2, 3) == 5\n",
}
IDENTITY = ("-c", "user.name=Demo", "-c", "user.email=demo@example.invalid", "-c", "commit.gpgsign=false")


def main() -> int:
    """Make a repository with a fault in it, let the embedded model mend it, and show the difference."""
    with tempfile.TemporaryDirectory(prefix="trashclaw-engine-") as name:
        folder = Path(name)
        for path, text in FILES.items():
            (folder / path).write_text(text, encoding="utf-8")
        for arguments in (("init", "-q", "-b", "main"), ("add", "."), ("commit", "-q", "-m", "Add a calculator")):
            subprocess.run(["git", *IDENTITY, *arguments], cwd=folder, check=True, timeout=30)
        program = [sys.executable, "-m", "trashclaw", "--batch", "--no-session", "--allow-write", "--allow-shell"]
        model = ["--provider", "embedded", "--model", str(TRAINED)]
        sys.stdout.write(f"$ trashclaw --batch {' '.join(model)} --allow-write --allow-shell {TASK!r}\n")
        sys.stdout.flush()
        done = subprocess.run([*program, *model, TASK], cwd=folder, check=False, timeout=300)
        sys.stdout.write("$ git diff\n")
        sys.stdout.flush()
        subprocess.run(["git", "--no-pager", "diff"], cwd=folder, check=True, timeout=30)
        return done.returncode


if __name__ == "__main__":
    sys.exit(main())
