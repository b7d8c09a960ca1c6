"""Where do databases live, and how are they kept up?"""
