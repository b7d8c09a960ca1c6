"""Where do commands run?"""
