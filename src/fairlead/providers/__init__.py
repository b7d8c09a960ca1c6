"""The only outside world: how do our decisions become effects on real parts?"""
