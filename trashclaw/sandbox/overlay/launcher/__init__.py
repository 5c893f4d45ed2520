"""The launcher: a small process of its own that makes namespaces and starts commands in them; standard library only."""
