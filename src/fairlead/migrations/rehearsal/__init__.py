"""What would a migration cost the people who use the database meanwhile?"""
