"""Model back ends behind the agent's `Provider` port."""
