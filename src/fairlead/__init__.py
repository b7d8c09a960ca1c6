"""Fairlead: takes a release from commit to production, and back."""

__version__ = "0.1.0"
