"""The session's tools, and what a model wrote as a call of one of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from difflib import get_close_matches

from trashclaw.agent.healing.calls import DraftCall, HealedCall
from trashclaw.agent.healing.literals import Unclear
from trashclaw.agent.healing.names import near, plain
from trashclaw.agent.healing.parsing import parse_object
from trashclaw.agent.healing.reading import ArgumentReader
from trashclaw.agent.ports import Tool
from trashclaw.protocol.base import storable
from trashclaw.protocol.errors import ToolError
from trashclaw.protocol.ids import CallId, new_id
from trashclaw.protocol.items import Mending
from trashclaw.protocol.manners import Rung
from trashclaw.protocol.tools import ToolCall, ToolKind

_NO_OBJECT = "The arguments of {name} were no JSON object ({why}). You wrote: {raw}"
_CUT = "The answer ended in the middle of the call of {name}: its room was too small. Nothing was done."
_CUT_HINT = "Write less at a time: the first part of the file, then the next part with an edit."
_SHOWN_CHARS = 400
_WHY_CHARS = 160
_NAME_CHARS = 64
_NAMELESS = "unnamed"
"""What stands in the history for a call without a name: servers refuse every later request over an empty one."""


class Toolbox:
    """The session's tools, by their names and by the other names that models use for them."""

    def __init__(self, tools: Iterable[Tool], withheld: Collection[ToolKind] = ()) -> None:
        """Take all tools; kinds that are `withheld` are not offered, but a call of one still reaches the gate."""
        self.tools = tuple(tools)
        self.specs = tuple(tool.spec for tool in self.tools if tool.spec.kind not in withheld)
        self._by_name = {tool.spec.name: tool for tool in self.tools}
        self._by_alias = {plain(alias): tool for tool in self.tools for alias in tool.aliases}
        self._by_alias |= {plain(name): tool for name, tool in self._by_name.items()}

    def find(self, name: str) -> Tool | None:
        """Return the tool of that name or alias, also where one slip in its spelling leaves no other tool."""
        found = self._by_name.get(name) or self._by_alias.get(plain(name))
        if found is None and (meant := near(plain(name), self._by_alias)):
            found = self._by_alias[meant]
        return found

    def heal(self, draft: DraftCall, *, is_cut: bool = False) -> HealedCall:
        """Resolve the name, read the arguments, and put right what can be put right without guessing.

        `is_cut`: the answer ended by its length limit, so that a text that is not whole is not repaired. Arguments
        that do not fit the tool are an error which shows what is expected.
        """
        raw = str(storable("".join(draft.pieces)))
        tool = self.find(draft.name)
        asked = draft.name if len(draft.name) <= _NAME_CHARS else f"{draft.name[:_NAME_CHARS]}..."
        name = tool.spec.name if tool else asked.strip() or _NAMELESS
        is_object = parse_object(raw)[0] is not None
        call = ToolCall(
            call_id=CallId(new_id("call")),
            name=name,
            arguments=raw if is_object and raw.strip() else "{}",
            provider_id=draft.provider_id or None,
            asked_name=asked if asked != name else None,
            raw_arguments=None if is_object else raw,
        )
        mended = draft.mended
        if tool is None:
            return HealedCall(call, mended=mended, error=self._unknown(asked), is_cut=is_cut)
        if asked != name:
            mended = (*mended, Mending(rung=Rung.NAMED, text=f"tool {asked} -> {name}"))
        return self._fill(HealedCall(call, tool, mended=mended, is_cut=is_cut), tool, raw)

    def _fill(self, healed: HealedCall, tool: Tool, raw: str) -> HealedCall:
        try:
            found = ArgumentReader(tool, lambda name: self.find(name) is tool).read(raw, is_cut=healed.is_cut)
        except Unclear as why:
            return replace(healed, error=_cut(tool) if healed.is_cut else _no_object(tool, str(why), raw))
        call, clean = healed.call, found.arguments
        if found.text not in (raw, "{}"):
            call = call.model_copy(update={"arguments": found.text, "raw_arguments": raw})
        clean, mended = tool.mend(found.arguments)
        healed = replace(healed, call=call, mended=(*healed.mended, *found.mended, *mended), is_cut=False)
        try:
            tool.validate(clean)
        except ToolError as error:
            return replace(healed, error=error)
        return replace(healed, arguments=clean)

    def _unknown(self, name: str) -> ToolError:
        known = ", ".join(spec.name for spec in self.specs)
        folded = {plain(spec.name): spec.name for spec in self.specs}
        close = [folded[found] for found in get_close_matches(plain(name)[:_NAME_CHARS], folded, cutoff=0.75)]
        hint = f"Did you mean {' or '.join(close)}? " if close else ""
        return ToolError(f"There is no tool named {name!r}.", f"{hint}The tools are: {known}.")


def _cut(tool: Tool) -> ToolError:
    return ToolError(_CUT.format(name=tool.spec.name), _CUT_HINT)


def _no_object(tool: Tool, why: str, raw: str) -> ToolError:
    shown = raw if len(raw) <= _SHOWN_CHARS else f"{raw[:_SHOWN_CHARS]}... [{len(raw)} characters]"
    text = _NO_OBJECT.format(name=tool.spec.name, why=why[:_WHY_CHARS], raw=shown)
    return ToolError(text, f"Call it again with one valid JSON object. {tool.lesson}")
