"""How a new version takes over."""
