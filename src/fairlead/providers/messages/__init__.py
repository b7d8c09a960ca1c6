"""Who takes messages?"""
