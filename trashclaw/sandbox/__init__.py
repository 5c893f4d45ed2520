"""Where commands run so that nothing they do lands unseen."""
