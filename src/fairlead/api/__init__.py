"""The HTTP door: it only calls commands and reports."""
