"""Everything one may ask Fairlead to tell: views of what is kept, as plain data."""
