"""The smallest full-screen app that one can type into: what `startup` compares ours with."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.widgets import Input


class BareApp(App[None]):
    """One text field."""

    def compose(self) -> ComposeResult:
        """Show it."""
        yield Input()


if __name__ == "__main__":
    BareApp().run()
