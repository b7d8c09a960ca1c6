"""What does fairlead.yaml say, and can it work?"""
