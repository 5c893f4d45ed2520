"""Files, environment and options become typed settings; themes and commands are found here."""
