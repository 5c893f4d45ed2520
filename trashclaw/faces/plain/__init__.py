"""A face of plain lines, for screen readers, dumb terminals and pipes."""
