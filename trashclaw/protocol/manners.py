"""How a model is talked to: the words for what differs from model to model."""

from __future__ import annotations

from enum import StrEnum


class DialectName(StrEnum):
    """How a history becomes a request and a reply becomes tool calls."""

    NATIVE = "native"
    """The server's own tool calls."""

    TYPED = "typed"
    """Events as tagged JSON, and a reply that a schema constrains to one of the tools or `done`."""

    TEXT = "text"
    """Calls written into the text, in the form that the model was trained on."""


class ToolSetName(StrEnum):
    """How many tools are offered, and how long the system prompt is; chosen by window and exam."""

    FULL = "full"
    LEAN = "lean"
    NANO = "nano"


class EditFormat(StrEnum):
    """How the model is asked to write an edit."""

    REPLACE = "replace"
    """`edit_file`: old text and new text."""

    PATCH = "patch"
    """`apply_patch`: `*** Begin Patch`, or a unified diff."""

    WHOLE = "whole_file"
    """`write_file`: the whole file."""


class Rung(StrEnum):
    """A rung of the ladder on which a malformed call is mended."""

    FOUND = "found"
    """The call stood in the text."""

    REPAIRED = "repaired"
    """Its JSON was repaired, and nothing of its values was lost or added."""

    NAMED = "named"
    """A tool or an argument went by another name."""

    TYPED = "typed"
    """A value had another type."""

    REASKED = "reasked"
    """The model was asked once more, with its answer held to the tool's schema."""
