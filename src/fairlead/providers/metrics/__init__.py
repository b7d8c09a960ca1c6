"""Where do numbers come from? One file a source."""
