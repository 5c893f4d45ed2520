"""Messages between the session's bridge, the screens and the widgets: news goes down, wishes go up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from trashclaw.faces.tui.source import FilePlace
    from trashclaw.faces.tui.widgets.review_pane import ReviewPane
    from trashclaw.protocol.approvals import Approval
    from trashclaw.protocol.events import Channel, CompactionUndone, FailureRouted, QueuedInput
    from trashclaw.protocol.ids import ApprovalId, HunkId, ItemId, QuestionId
    from trashclaw.protocol.ops import QueuedAs
    from trashclaw.session.transcript import Entry, Transcript
    from trashclaw.store.drafts import Draft


class Replayed(Message):
    """The conversation as it stands: each entry, and whether it is whole."""

    def __init__(
        self,
        entries: Sequence[tuple[Entry, bool]],
        prompt: str = "",
        failures: Mapping[ItemId, FailureRouted] | None = None,
        undone: Collection[ItemId] = (),
    ) -> None:
        super().__init__()
        self.entries = entries
        self.failures = failures or {}
        """What was told of the runs that failed."""

        self.undone = undone
        """The compactions that were taken back."""

        self.prompt = prompt
        """Words of the person's to say again, or otherwise, since the conversation went back to before them."""


class TailRead(Message):
    """How a long session ends, while all of it is still read: to be looked at, and no more."""

    def __init__(self, replayed: Replayed) -> None:
        super().__init__()
        self.replayed = replayed


class EntryChanged(Message):
    """An entry of the conversation began, or was completed (`is_done`)."""

    def __init__(self, entry: Entry, *, is_done: bool) -> None:
        super().__init__()
        self.entry = entry
        self.is_done = is_done


class FailureTold(Message):
    """There is more to say of a tool run that failed."""

    def __init__(self, failure: FailureRouted) -> None:
        super().__init__()
        self.failure = failure


class CompactionTakenBack(Message):
    """What a compaction left out is sent again."""

    def __init__(self, event: CompactionUndone) -> None:
        super().__init__()
        self.event = event


class ItemGrew(Message):
    """A piece of an open item came in."""

    def __init__(self, item_id: ItemId, channel: Channel, text: str) -> None:
        super().__init__()
        self.item_id = item_id
        self.channel = channel
        self.text = text


class StateChanged(Message):
    """The fold moved on: plan, queue, questions, mode, gauges may be new."""

    def __init__(self, transcript: Transcript) -> None:
        super().__init__()
        self.transcript = transcript


class PromptSent(Message):
    """The person sent a prompt: a turn begins, or the running one is steered (`is_follow_up`: queued for its end)."""

    def __init__(self, text: str, shown: str, *, is_follow_up: bool = False, draft: Draft | None = None) -> None:
        super().__init__()
        self.text = text
        self.shown = shown
        """As it stood in the editor, with folded pastes."""

        self.draft = draft
        """The same with what is folded in it; `None` for what was not typed in the editor."""

        self.is_follow_up = is_follow_up


class EntryRecalled(Message):
    """The person takes a queued message back."""

    def __init__(self, entry: QueuedInput) -> None:
        super().__init__()
        self.entry = entry


class EntryMoved(Message):
    """The person says otherwise when a queued message is read, and where it stands."""

    def __init__(self, entry: QueuedInput, *, origin: QueuedAs | None = None, place: int | None = None) -> None:
        super().__init__()
        self.entry = entry
        self.origin = origin
        self.place = place


class QueueAsked(Message):
    """The person wants to go to the queue."""


class HistoryAsked(Message):
    """The person wants to search what was said earlier."""


class EditorAsked(Message):
    """The person wants to write on in their own editor."""


class QueueLeft(Message):
    """The person goes back from the queue to the prompt."""


class RecallAsked(Message):
    """The person wants to edit a queued message; `None`: the newest."""

    def __init__(self, entry: QueuedInput | None = None) -> None:
        super().__init__()
        self.entry = entry


class InterruptAsked(Message):
    """The person wants the running turn to stop."""


class ApprovalGiven(Message):
    """The person answered an approval request."""

    def __init__(self, approval_id: ApprovalId, approval: Approval) -> None:
        super().__init__()
        self.approval_id = approval_id
        self.approval = approval


class ReviewOpened(Message):
    """The person wants to see what waits, or what landed last, on the whole screen."""


class EditWanted(Message):
    """The person wants to edit the proposed file of the current hunk."""

    def __init__(self, pane: ReviewPane) -> None:
        super().__init__()
        self.pane = pane


class QuestionAnswered(Message):
    """The person answered a question of the model."""

    def __init__(self, question_id: QuestionId, text: str) -> None:
        super().__init__()
        self.question_id = question_id
        self.text = text


class KeyForPrompt(Message):
    """A key that came while a pane did not listen yet; it was meant for the prompt."""

    def __init__(self, character: str) -> None:
        super().__init__()
        self.character = character


class RunOpened(Message):
    """The person opened a tool run in the tool log."""

    def __init__(self, item_id: ItemId) -> None:
        super().__init__()
        self.item_id = item_id


class OutputWanted(Message):
    """The person wants to read all the output of a tool run on the whole screen."""

    def __init__(self, item_id: ItemId) -> None:
        super().__init__()
        self.item_id = item_id


class RevertWanted(Message):
    """The person wants hunks that landed out of the files again, or those that they reverted back."""

    def __init__(self, item_id: ItemId, hunk_ids: tuple[HunkId, ...]) -> None:
        super().__init__()
        self.item_id = item_id
        self.hunk_ids = hunk_ids


class NetWanted(Message):
    """The person wants to see what the session has come to: the files it changed as they are, against its beginning."""


class ChangesAsked(Message):
    """The person wants to look through everything that this session changed."""


class PaneChosen(Message):
    """The person chose a tab."""

    def __init__(self, pane: str) -> None:
        super().__init__()
        self.pane = pane


class TabChosen(Message):
    """The person chose a session in the row of tabs."""

    def __init__(self, mode: str) -> None:
        super().__init__()
        self.mode = mode
        """The name of the tab's stack of screens."""


class NewTabWanted(Message):
    """The person wants a session in a tab of its own."""


class ForkWanted(Message):
    """The person wants another session that goes on from an entry of this one; without an entry, from its end."""

    def __init__(self, item_id: ItemId | None = None) -> None:
        super().__init__()
        self.item_id = item_id


class TextCopied(Message):
    """The person copies something of the conversation."""

    def __init__(self, text: str, what: str) -> None:
        super().__init__()
        self.text = text
        self.what = what
        """What it is, for the notice: `the block`, `code block 2 of 3`."""


class PlacesWanted(Message):
    """The person wants to open a file that an entry names, in their own editor."""

    def __init__(self, places: Sequence[FilePlace]) -> None:
        super().__init__()
        self.places = places
        """The places that the entry names; whether there are such files is not known yet."""


class GoBackWanted(Message):
    """The person wants the conversation to go back to before a message of theirs, to say it again or otherwise."""

    def __init__(self, item_id: ItemId, text: str, *, is_sent: bool) -> None:
        super().__init__()
        self.item_id = item_id
        self.text = text
        self.is_sent = is_sent
        """It is sent again at once, as its turn failed; else it waits in the editor."""
