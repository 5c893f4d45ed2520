"""Who may do what: modes, rules and the gate."""
