"""What keeps processes up on this machine?"""
