"""Runs trashclaw's command line in this process and writes what processor time it took to the file named first.

python -m benchmarks.counted FILE --batch ...
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path


def main() -> int:
    """Run, write `{"own_s": ..., "children_s": ...}`, and return the exit code."""
    from trashclaw.__main__ import main as trashclaw

    file = Path(sys.argv.pop(1))
    try:
        return trashclaw()
    finally:
        own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        spent = {"own_s": own.ru_utime + own.ru_stime, "children_s": children.ru_utime + children.ru_stime}
        file.write_text(json.dumps(spent), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
