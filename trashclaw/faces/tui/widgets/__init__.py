"""The widgets of the full-screen face: each shows state and posts messages."""
