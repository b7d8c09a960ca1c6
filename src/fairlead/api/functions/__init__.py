"""The four functions that the runbook talks to, answered here: its scripts work unchanged."""
