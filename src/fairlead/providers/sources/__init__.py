"""Where do commits come from?"""
