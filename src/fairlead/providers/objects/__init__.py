"""Where are artifacts kept?"""
