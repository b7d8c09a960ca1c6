"""Everything one may ask Fairlead to do: authorise, validate, record the intention."""
