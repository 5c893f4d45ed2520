"""The words every other room speaks: items, ops, events, errors. Nothing here does anything."""
