"""The person's editor on a proposed file, and what becomes of the proposal."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from trashclaw.faces.tui.editor import edit_text
from trashclaw.protocol.errors import TrashclawError

if TYPE_CHECKING:
    from trashclaw.faces.tui.app import TrashclawApp
    from trashclaw.faces.tui.tab import Tab
    from trashclaw.faces.tui.widgets.review_pane import ReviewPane


async def edit_proposal(app: TrashclawApp, tab: Tab, pane: ReviewPane) -> None:
    """Open the proposed file of the current hunk in the editor, and show what the person made of it.

    The text is that of the hunks which are on. Nothing lands by this. What goes wrong is shown.
    """
    from trashclaw.session.editing import edited_change, proposed_text

    review = pane.review
    change = review.change()
    if change is None:
        return
    try:
        session = tab.desk.need_session()
        root = session.workspace_root
        if review.request is not None:
            change = session.exact_change(review.request.approval_id, change)
        text = await asyncio.to_thread(proposed_text, root, change, frozenset(review.switches.chosen))
        edited = await edit_text(app, text, change.path)
        if edited == text:
            app.tell("Nothing was edited.")
            return
        review.put_edit(await asyncio.to_thread(edited_change, root, change, edited))
    except TrashclawError as error:
        app.complain(error)
        return
    app.tell(f"{change.path} is proposed as you left it; nothing has landed yet.")
    if pane.is_attached:
        pane.redraw(is_new=True)
