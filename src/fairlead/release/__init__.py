"""What came in, and the plan made of it."""
