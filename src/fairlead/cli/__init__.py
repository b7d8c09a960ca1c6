"""The door for people at a terminal: it asks the HTTP API and never opens the store."""
