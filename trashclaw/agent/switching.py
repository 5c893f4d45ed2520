"""Changing the manner in a session: visibly, with a reason, and with a new beginning for the ledger."""

from __future__ import annotations

from dataclasses import replace

from trashclaw.agent.agent import Agent
from trashclaw.agent.manner import Manner, other_dialects
from trashclaw.protocol.manners import DialectName, EditFormat, ToolSetName


def switch(agent: Agent, manner: Manner, reason: str) -> None:
    """Talk to the model in another manner from now on."""
    is_sent_anew = manner.tools != agent.manner.tools or manner.dialect is not agent.manner.dialect
    agent.manner = manner
    if is_sent_anew:
        agent.ledger.rebase()
    agent.emit(manner.told(reason))


def fall_back(agent: Agent, reason: str) -> bool:
    """Change to the next dialect in which the model was not talked to yet; `False` when there is none."""
    if not agent.may_switch:
        return False
    agent.failed_dialects.add(agent.manner.dialect.name)
    for name in other_dialects(agent.manner.dialect.name, agent.manner.profile):
        if name not in agent.failed_dialects:
            to_dialect(agent, name, reason)
            return True
    return False


def to_dialect(agent: Agent, name: DialectName, reason: str) -> None:
    """Change the dialect."""
    agent.measurements.forget_calls()
    switch(agent, replace(agent.manner, dialect=agent.manners.dialect(name, agent.manner.profile)), reason)


def to_edit_format(agent: Agent, edit_format: EditFormat, reason: str) -> None:
    """Ask for edits in another form; the tools stay the same where they hold that form already."""
    agent.measurements.forget_edits()
    names = {spec.name for spec in agent.manner.tools}
    tools = agent.manner.tools
    if edit_format is EditFormat.PATCH and "apply_patch" not in names:
        tools = agent.manners.tools(agent.manner.tool_set, edit_format)
    switch(agent, replace(agent.manner, edit_format=edit_format, tools=tools), reason)


def to_tool_set(agent: Agent, tool_set: ToolSetName, reason: str) -> None:
    """Offer more or fewer tools."""
    tools = agent.manners.tools(tool_set, agent.manner.edit_format)
    switch(agent, replace(agent.manner, tool_set=tool_set, tools=tools), reason)


def to_thinking(agent: Agent, think: bool, reason: str) -> None:
    """Let the model think before it answers, or not."""
    switch(agent, replace(agent.manner, think=think), reason)
