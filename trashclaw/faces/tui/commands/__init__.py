"""What the built-in slash commands do, by subject; `slash.py` names the module of each."""
