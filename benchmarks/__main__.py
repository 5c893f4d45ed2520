"""`python -m benchmarks`: the whole table."""

from __future__ import annotations

import sys

from benchmarks.all import main

if __name__ == "__main__":
    sys.exit(main())
