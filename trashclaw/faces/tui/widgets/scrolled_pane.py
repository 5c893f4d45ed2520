"""A view that scrolls lines: its height, its position and its scroll bar, each drawn again only where it changed."""

from __future__ import annotations

from textual.geometry import Region, Size
from textual.scroll_view import ScrollView

from trashclaw.faces.tui.widgets.pane_bar import PaneBar


class ScrolledPane(ScrollView, can_focus=True):
    """Base of the panes of lines."""

    def __init__(self, *, widget_id: str | None = None) -> None:
        super().__init__(id=widget_id)
        self._drawn_width = 0
        """Cells of a line as they were drawn last; 0 if nothing is."""

    @property
    def vertical_scrollbar(self) -> PaneBar:
        """The scroll bar, which is made at the first look at it."""
        if not isinstance(self._vertical_scrollbar, PaneBar):
            self._vertical_scrollbar = bar = PaneBar()
            bar.display = False
            self.app._start_widget(self, bar)
        return self._vertical_scrollbar

    def set_height(self, height: int) -> None:
        """Tell how many lines there are; only the scroll bar depends on it, so nothing else is laid out again."""
        size = Size(self._drawn_width, height)
        if size == self.virtual_size:
            return
        self.set_reactive(ScrollView.virtual_size, size)
        if self.show_vertical_scrollbar and height > self._container_size.height:
            self.vertical_scrollbar.move(height=height)
            self.scroll_y = self.validate_scroll_y(self.scroll_y)
        else:
            self._scroll_update(size)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Show other rows; the scroll bar is drawn again where it looks different, which it seldom does at the end."""
        if self.show_vertical_scrollbar:
            self.vertical_scrollbar.move(position=new_value)
        if round(old_value) != round(new_value):
            self.refresh(self.scrollable_content_region.size.region)

    def refresh_lines(self, y_start: int, line_count: int = 1) -> None:
        """Draw some lines again as far as they are in view, and neither the frame nor the scroll bar beside them."""
        room = self.scrollable_content_region.size
        # A row is as wide as the room, whatever the width of its line: the ground of the current block is.
        if part := Region(0, y_start - self.scroll_offset.y, room.width, line_count).intersection(room.region):
            self.refresh(part)
