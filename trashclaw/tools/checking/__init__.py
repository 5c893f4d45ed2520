"""Checks of edits and steps: syntax, the project's formatter and linter, tests, a command, the plan."""
