"""How do the users' databases change?"""
