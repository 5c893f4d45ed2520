"""What makes Python run a measured program as an installed one is run: compiled beforehand.

Where Python is told to write no compiled files, a program in its source tree is compiled anew at every start, while the
libraries beside it, and what it is compared with, are not. So the compiled files go to a folder of the benchmark's own,
or to the one that Python is told to keep them in, and the first run, which writes them, is not counted.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def compiled_in(folder: Path) -> dict[str, str]:
    """Return the variables of the environment with which Python keeps its compiled files, if it must in `folder`."""
    return {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": os.environ.get("PYTHONPYCACHEPREFIX") or str(folder)}
