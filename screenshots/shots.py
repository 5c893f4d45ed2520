"""What is shown: a table of pictures; `plays` says what a person does before each is taken."""

from __future__ import annotations

from screenshots.plays import conversation, overlays, review, sessions, window, writing
from screenshots.plays.tour import tour
from screenshots.stage import Shot
from screenshots.surroundings import no_server, several_models
from trashclaw.protocol.modes import Mode

NARROW, TINY, PAGE = (80, 24), (60, 16), (100, 40)
PAST = ("long", "demo")
KEYS = "palette: f5\nprompt.editor: ctrl+r\nhelp: f1, ctrl+h\nprompt.nothing: f9\n"
OWN = "ui:\n  notify: 'off'\nlimits:\n  steps: 80\ncontext:\n  read_ahead: true\n"

SHOTS = (
    Shot(
        "tour",
        "A walk through the program: from a prompt to a finished task",
        tour,
        "csv",
        (110, 32),
        later=("long", "tour"),
        is_film=True,
    ),
    Shot("review", "A change waits for its review, hunk by hunk", review.change_waits),
    Shot(
        "hunk-off",
        "One of two hunks is switched off",
        review.hunk_off,
        dark="catppuccin-mocha",
        light="catppuccin-latte",
    ),
    Shot("review-screen", "The review on the whole screen", review.whole_screen),
    Shot("review-split", "The review in two columns, one hunk switched off", review.two_columns, dark="tokyo-night"),
    Shot("review-narrow", "The review on 80 columns", review.whole_screen, size=NARROW, dark="nord"),
    Shot(
        "reason",
        "A rejection with a reason for the model",
        review.reason,
        dark="solarized-dark",
        light="solarized-light",
    ),
    Shot("effects", "A command has run in the sandbox: what it changed waits", review.effects_wait, "effects"),
    Shot(
        "effects-screen",
        "The same on the whole screen; the hook wants a yes of its own",
        review.effects_whole,
        "effects",
    ),
    Shot("effects-narrow", "The same on 80 columns", review.effects_whole, "effects", NARROW, "nord"),
    Shot("network", "A command needs a host: a question of its own", review.host_asked, "network", dark="nord"),
    Shot(
        "question", "The model asks a question", review.question, "question", dark="rose-pine", light="rose-pine-dawn"
    ),
    Shot("plan", "Mode plan: the model may look, not touch", review.planned, "plan", mode=Mode.PLAN),
    Shot(
        "done",
        "The end of the task: the plan is done, the tests ran",
        review.all_done,
        dark="gruvbox-dark",
        light="gruvbox-light",
    ),
    Shot(
        "changes",
        "The changes of a turn that is over, one hunk of them reverted",
        review.browsed,
        "cents",
        mode=Mode.ACCEPT,
    ),
    Shot(
        "changes-session",
        "Everything the session changed, on the whole screen",
        review.session_changes,
        "cents",
        mode=Mode.ACCEPT,
    ),
    Shot("trust", "The first start: what trusting the folder would load", review.trust_asked, is_trust_asked=True),
    Shot(
        "trust-files",
        "The first start: the files themselves, before they are trusted",
        review.trust_read,
        size=PAGE,
        is_trust_asked=True,
    ),
    Shot(
        "first-run",
        "No model server: what was tried and what to type",
        window.first_run,
        size=(100, 30),
        failure=no_server,
    ),
    Shot(
        "models",
        "Which model? Its window, its speed, and whether it fits",
        window.models,
        size=(100, 30),
        failure=several_models,
    ),
    Shot("conversation", "The conversation alone: headings, a table, a list, code", conversation.alone, "long"),
    Shot("blocks", "The cursor in the conversation, and what its keys do with a block", conversation.blocks, "long"),
    Shot("search", "A search in the conversation", conversation.found, "long"),
    Shot("unfolded", "Thoughts and tool output are open", conversation.unfolded, "long"),
    Shot(
        "pager",
        "The whole conversation on the whole screen, with a search",
        conversation.pager,
        "long",
        dark="gruvbox-dark",
        light="gruvbox-light",
    ),
    Shot("tools", "A command prints as it goes, in the tool log too", conversation.live, "build"),
    Shot("tools-filtered", "The tool log lists the commands only", conversation.filtered, "build"),
    Shot("output", "All the output of a run, with a search", conversation.output, "long"),
    Shot(
        "steering", "Two messages wait while the model writes: one steers it, one follows", writing.steering, "explain"
    ),
    Shot("queue", "The queue is put in another order", writing.queue, "explain", size=(120, 34)),
    Shot(
        "draft",
        "A draft: named files and lines of them, one that is not there, a folded paste",
        writing.draft,
        size=(100, 30),
    ),
    Shot("vim", "Vim's keys in the prompt: a selection", writing.vim, size=(100, 30), has_vim_keys=True),
    Shot("history", "A search in what was said in this folder", writing.past, "window", size=(100, 30)),
    Shot("files", "Completion of file names", writing.files, size=(100, 30)),
    Shot("commands", "Completion of slash commands", writing.commands, size=(100, 30)),
    Shot("tabs", "Three sessions in tabs: one of them waits for an answer", sessions.tabs, later=("long", "csv")),
    Shot("sessions", "The list of sessions with a preview", sessions.picker, "csv", later=PAST),
    Shot(
        "sessions-search",
        "A session is found by what was said in it",
        sessions.searched,
        "csv",
        later=PAST,
        size=(120, 34),
    ),
    Shot("sessions-narrow", "The list of sessions on 80 columns", sessions.picker, "csv", NARROW, later=PAST),
    Shot("tree", "The forks of a session", sessions.tree, "csv", size=PAGE),
    Shot("replay", "A session is played again, and stands at one step", sessions.replayed),
    Shot(
        "rewind",
        "Esc twice: the points to go back to",
        overlays.points,
        dark="catppuccin-mocha",
        light="catppuccin-latte",
    ),
    Shot("overwrite", "Going back would overwrite what was changed by hand: it asks", overlays.overwrite),
    Shot("confirm", "A tab is closed in which something waits: it asks", overlays.confirm, later=("idle",)),
    Shot("context", "/context: what fills the window, what helps, what reading has cost", window.window, "window"),
    Shot("context-items", "/context, item by item", window.every_item, "window"),
    Shot("context-narrow", "/context on 80 columns", window.window, "window", NARROW),
    Shot("compact", "What a compaction would leave out, before it is made", window.what_goes, "window", dark="nord"),
    Shot("helped", "A small model is helped: calls mended, failures counted, a circle told", window.helped, "helped"),
    Shot("manner", "/manner: how the model is talked to, and why", window.manner, "helped"),
    Shot("memory", "/memory: what the model is told in every session", window.memory, size=PAGE),
    Shot("policy", "/policy: what holds commands back, and the rules", window.policy, size=PAGE),
    Shot("help", "Every key and every command", overlays.help_page, size=PAGE),
    Shot("help-search", "The help, narrowed down by typing", overlays.help_found, size=PAGE),
    Shot("palette", "The command palette", overlays.palette, size=(120, 40)),
    Shot(
        "palette-search",
        "The palette finds actions, commands, models and themes",
        overlays.palette_found,
        size=(120, 40),
    ),
    Shot(
        "settings",
        "All settings, each with the layer that set it",
        overlays.settings,
        size=(120, 40),
        files={"config/config.yaml": OWN},
    ),
    Shot("settings-wrong", "A setting is checked while it is typed", overlays.wrong_setting, size=PAGE),
    Shot(
        "themes",
        "Themes, each shown at once",
        overlays.themes,
        dark="tokyo-night",
        light="catppuccin-latte",
        size=(120, 40),
    ),
    Shot(
        "keys",
        "Two of one's own keys meet: what holds, and what does not",
        overlays.own_keys,
        size=(100, 30),
        files={"config/keymap.yaml": KEYS},
    ),
    Shot(
        "high-contrast",
        "The themes with high contrast",
        review.all_done,
        dark="high-contrast",
        light="high-contrast-light",
    ),
    Shot("narrow", "80 columns: panes become tabs", review.change_waits, size=NARROW),
    Shot(
        "narrow-conversation",
        "80 columns: the conversation",
        review.all_done,
        size=NARROW,
        dark="gruvbox-dark",
        light="gruvbox-light",
    ),
    Shot("tiny", "60 columns, 16 rows", review.change_waits, size=TINY),
    Shot("ascii", "Without any character beyond ASCII", review.hunk_off, size=(120, 34), is_ascii=True),
)
