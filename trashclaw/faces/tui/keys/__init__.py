"""Every action that has a key, as data: a file for each place where keys count."""
