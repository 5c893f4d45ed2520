"""What people define in Markdown: slash commands."""
