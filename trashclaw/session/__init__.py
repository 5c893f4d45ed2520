"""One running conversation: ops in, events out, log, approvals."""
