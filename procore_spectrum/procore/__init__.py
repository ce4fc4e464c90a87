"""REST adapter for Procore: calls as values, OAuth, and a client for each kind of waiting."""
