"""The only SQL of our own: one file a noun. Rows become frozen objects here."""
