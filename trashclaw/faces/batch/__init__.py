"""The face without a screen."""
