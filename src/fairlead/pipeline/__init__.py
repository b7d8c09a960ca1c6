"""The only loop: look, decide, record, perform, record."""
