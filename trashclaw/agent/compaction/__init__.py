"""Compaction: one deep cut that moves the window's start and leaves everything in the log and in the archive."""

from trashclaw.agent.compaction.choice import plan_cut as plan_cut
from trashclaw.agent.compaction.cut import Cut as Cut
from trashclaw.agent.compaction.layout import Marks as Marks
from trashclaw.agent.compaction.layout import Measure as Measure
from trashclaw.agent.compaction.preview import CutAction as CutAction
from trashclaw.agent.compaction.preview import CutPreview as CutPreview
from trashclaw.agent.compaction.preview import CutRow as CutRow
from trashclaw.agent.compaction.preview import preview as preview
