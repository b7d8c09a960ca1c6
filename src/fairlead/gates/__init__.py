"""What must be true before the next stage?"""
