"""What does a run look like while it goes?"""
