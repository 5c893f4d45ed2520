"""Pure functions that turn values into lines of text; no widget, no screen."""
