"""How is a migration tried on a copy of the database that it is for?"""
