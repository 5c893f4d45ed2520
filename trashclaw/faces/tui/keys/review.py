"""Keys of what waits for the person's answer, in its pane and on the whole screen."""

from __future__ import annotations

from trashclaw.faces.tui.keys.action import Action, Group

ACTIONS: tuple[Action, ...] = (
    Action("review.accept", "a", "accept what is switched on", Group.REVIEW, "accept"),
    Action("review.accept_all", "y", "accept all of it, once", Group.REVIEW, "accept_all"),
    Action("review.reject", "r", "reject", Group.REVIEW, "reject"),
    Action("review.reason", "n", "reject with a reason", Group.REVIEW, "reason"),
    Action("review.toggle", "space", "switch a hunk on or off", Group.REVIEW, "switch"),
    Action("review.next_hunk", "right_square_bracket", "next hunk", Group.REVIEW, "step_hunk(1)"),
    Action("review.previous_hunk", "left_square_bracket", "previous hunk", Group.REVIEW, "step_hunk(-1)"),
    Action("review.next_file", "right_curly_bracket", "next file", Group.REVIEW, "step_file(1)"),
    Action("review.previous_file", "left_curly_bracket", "previous file", Group.REVIEW, "step_file(-1)"),
    Action("review.accept_file", "A", "switch all hunks of this file on", Group.REVIEW, "switch('on')"),
    Action("review.toggle_file", "f", "switch all hunks of this file on or off", Group.REVIEW, "switch('file')"),
    Action("review.edit", "e", "edit the proposed file in $EDITOR", Group.REVIEW, "edit"),
    Action("review.scope", "s", "how far accepting reaches: once, session, project", Group.REVIEW, "scope"),
    Action("review.once", "1", "yes, once (where the answers are numbered)", Group.REVIEW, "choose(1)"),
    Action("review.session", "2", "yes, for this session", Group.REVIEW, "choose(2)"),
    Action("review.project", "3", "yes, for this project", Group.REVIEW, "choose(3)"),
    Action("review.no", "4", "no", Group.REVIEW, "choose(4)"),
    Action("review.open", "enter", "these changes on the whole screen; also Ctrl+F", Group.REVIEW, "open"),
    Action("changes.span", "t", "show more: the last change, its turn, this session", Group.REVIEW, "browse('span')"),
    Action(
        "changes.net", "N", "what the session has come to: its files against its start", Group.REVIEW, "browse('net')"
    ),
    Action("changes.earlier", "comma", "changes of the turn before", Group.REVIEW, "browse('turn', -1)"),
    Action("changes.later", "full_stop", "changes of the next turn", Group.REVIEW, "browse('turn', 1)"),
    Action("changes.revert", "u", "revert a hunk that landed, or bring it back", Group.REVIEW, "revert('hunk')"),
    Action("changes.revert_file", "U", "the same for all its hunks in this file", Group.REVIEW, "revert('file')"),
    Action("review.help", "question_mark", "help", Group.REVIEW, "app.help"),
    Action("screen.split", "v", "one column or two", Group.SCREEN, "split"),
    Action("screen.find", "slash", "find a file by a part of its name", Group.SCREEN, "find"),
    Action("screen.close", "escape", "back to the conversation; nothing is answered", Group.SCREEN, "close"),
)
