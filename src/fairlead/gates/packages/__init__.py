"""Which packages does a project bring in, as its lock files name them?"""
