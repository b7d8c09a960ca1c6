"""Where do traces of our own work go? One file a protocol."""
