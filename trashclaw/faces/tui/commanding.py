"""Typed words: a slash command of the screen's own, one that a file brings, or something to say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trashclaw.protocol.errors import TrashclawError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trashclaw.faces.tui.app import TrashclawApp
    from trashclaw.faces.tui.completion import Candidate
    from trashclaw.faces.tui.messages import PromptSent
    from trashclaw.faces.tui.tab import Tab


class Commanding:
    """Runs the commands of one app, and tells which there are."""

    def __init__(self, app: TrashclawApp) -> None:
        self._app = app

    def take(self, message: PromptSent, tab: Tab) -> None:
        """Run a typed command in the tab in which it was typed, or send the words there."""
        from trashclaw.faces.wording.typed import parse_command

        command = parse_command(message.text)
        if command is not None:
            self.run(*command, typed=message.text, tab=tab)
        elif tab.desk.session is None:
            self._app.say(message.text, tab=tab)
        else:
            self._app.pass_on(message, tab)

    def run(self, name: str, arguments: str, typed: str = "", tab: Tab | None = None) -> None:
        """Run a slash command in a tab, else in the one in front: one of the screen's own, or one that a file has."""
        from trashclaw.faces.tui.slash import room_of

        tab = tab or self._app.tabs.current
        room = room_of(name, self._app, tab)
        if room is not None:
            self._app.run_worker(self._app.shown(room.run(name, arguments)), group=tab.command_group)
            return
        try:
            attached = tab.desk.need_session().commands.expand(name, arguments)
        except TrashclawError as error:
            self._app.complain(error)
        else:
            self._app.say(typed or f"/{name} {arguments}".rstrip(), attached, tab)

    def listed(self) -> Sequence[tuple[str, str, str]]:
        """Return all slash commands: name, argument hint, description."""
        from trashclaw.faces.tui.slash import BUILTINS

        session = self._app.desk.session
        own = [(builtin.name, builtin.argument_hint, builtin.description) for builtin in BUILTINS]
        files = session.commands.list() if session is not None else ()
        return own + [(command.name, command.argument_hint, command.description) for command in files]

    def candidates(self) -> Sequence[Candidate]:
        """Return all slash commands as what can be completed."""
        from trashclaw.faces.tui.completion import Candidate

        return [Candidate(name, words, hint) for name, hint, words in self.listed()]

    def argument_candidates(self) -> Mapping[str, Sequence[Candidate]]:
        """Return what can stand behind a command, by its name, where that is a fixed list."""
        from trashclaw.faces.tui.completion import Candidate
        from trashclaw.faces.tui.slash import BUILTINS

        return {own.name: [Candidate(*choice) for choice in own.choices] for own in BUILTINS if own.choices}
