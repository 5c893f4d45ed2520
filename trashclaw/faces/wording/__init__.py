"""Words and figures that every face tells a person in the same way; nothing here knows a screen."""
