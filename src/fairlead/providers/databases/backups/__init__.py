"""How is a database kept aside, and how is that proven?"""
