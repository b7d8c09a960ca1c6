"""Is the new version healthy?"""
