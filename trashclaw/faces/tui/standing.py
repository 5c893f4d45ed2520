"""Where the person stands: which groups of keys count now, and which node an action belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trashclaw.faces.tui.keymap import ACTIONS, Action, Group

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from textual.dom import DOMNode
    from textual.screen import Screen

_GROUPS = {action.action_id: action.group for action in ACTIONS}


def groups_here(screen: Screen[object]) -> Sequence[Group]:
    """Return the groups whose keys count where the focus is, the innermost first."""
    focused = screen.focused
    nodes: Sequence[DOMNode] = [screen, screen.app] if focused is None else focused.ancestors_with_self
    found = [group for node in nodes for group in _groups_of(node)]
    return list(dict.fromkeys(found))


def nodes_of(screen: Screen[object]) -> dict[Group, DOMNode]:
    """Return for each group that a screen has the node that it belongs to, the one nearest to the focus first."""
    focused = screen.focused
    near: Sequence[DOMNode] = [] if focused is None else focused.ancestors_with_self
    found: dict[Group, DOMNode] = {}
    for node in (*near, screen, *screen.walk_children(), screen.app):
        for group in _groups_of(node):
            found.setdefault(group, node)
    return found


def _groups_of(node: DOMNode) -> Iterator[Group]:
    named = (binding.id for _, binding in node._bindings if binding.id)
    yield from dict.fromkeys(_GROUPS[action_id] for action_id in named if action_id in _GROUPS)


def place_of(action: Action, nodes: dict[Group, DOMNode]) -> DOMNode | None:
    """Return the node on which an action can be run, if it is on the screen."""
    return nodes.get(action.group)
