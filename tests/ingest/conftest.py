"""A house whose app is live, as for the functions."""

from functions.conftest import functions, server, shipped

__all__ = ["functions", "server", "shipped"]
