"""The text dialect: tools, calls and results as plain text, for servers and templates that know no tools."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from trashclaw.agent.dialects.finding import FindingReading, Learned
from trashclaw.agent.dialects.text.calls import Scope
from trashclaw.agent.dialects.text.forms import FORMS
from trashclaw.agent.dialects.thinking import with_thought
from trashclaw.agent.dialects.written import Written, introduced
from trashclaw.agent.messages import Message, Request, Role
from trashclaw.protocol.manners import DialectName
from trashclaw.protocol.tools import ToolSpec


class TextDialect:
    """Writes the tools into the system message, and reads calls in any family's form."""

    name = DialectName.TEXT

    def __init__(
        self, form: str = "hermes", knows: Callable[[str], bool] | None = None, *, starts_in_thought: bool = False
    ) -> None:
        """`form` is a key of `FORMS`; for the others see `Native`.

        Raises:
            KeyError: there is no such form.
        """
        self._form = FORMS[form]
        self._knows = knows
        self._written = Written(self._write)
        self._told: tuple[tuple[ToolSpec, ...], str] = ((), "")
        """The tools of the last request, and how they are told of."""

        self.learned = Learned(starts_in_thought)
        """Grows with every answer that is read."""

    def render(self, request: Request) -> Request:
        """Return a request without tools; one that goes on from another begins with all of it."""
        messages = self._written.of(request.messages)
        if request.tools:
            if request.tools != self._told[0]:
                self._told = request.tools, self._form.introduce(request.tools)
            messages = introduced(messages, self._told[1])
        return replace(request, messages=messages, tools=())

    def read(self, request: Request) -> FindingReading:
        """Return a reading; calls are looked for only if there are tools."""
        has_calls = bool(request.tools) and request.schema is None
        return FindingReading(Scope(request.tools, self._knows), self.learned, is_strict=False, has_calls=has_calls)

    def _write(self, message: Message) -> Message:
        message = with_thought(message)
        if message.role is Role.TOOL:
            return Message(Role.USER, self._form.write_result(message.text), at=message.at)
        if not message.calls:
            return message
        calls = self._form.write_calls(message.calls)
        words = message.text.rstrip()
        text = f"{words}{self._form.separator}{calls}" if words else calls
        return replace(message, text=text, calls=())
