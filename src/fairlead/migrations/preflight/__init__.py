"""May a migration start on this live database now? What was seen there, told as findings."""
