"""Keys that are bound to something: done in their turn among the letters, not after them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.widget import Widget


async def do_bound_key(widget: Widget, key: str) -> bool:
    """Do at once what a key means on a widget; tell whether it means anything there.

    Textual looks up bindings later than it inserts text, so that of keys that come together (a key repeat, a busy
    machine) Backspace and Enter would count after the letters that follow them.
    """
    known = widget._bindings
    if widget.app._keymap:
        known = known.copy()
        known.apply_keymap(widget.app._keymap)
    bindings = known.key_to_bindings.get(key, ())
    for binding in bindings:
        if await widget.app.run_action(binding.action, widget):
            break
    return bool(bindings)
