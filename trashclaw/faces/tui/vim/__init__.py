"""Vim's keys as pure functions and one state machine: no widget, no screen, no clock."""
