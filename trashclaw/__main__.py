"""Entry point: answers `--version` before anything else is imported."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command line; return the exit code."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        from trashclaw import __version__

        sys.stdout.write(f"trashclaw {__version__}\n")
        return 0
    from trashclaw.cli import main as run

    return run(sys.argv[1:])


if __name__ == "__main__":
    if __spec__ is not None and not sys.flags.safe_path:
        # `python -m` looks for modules in the current folder first, so a repository could have its own files run.
        del sys.path[0]
    sys.exit(main())
