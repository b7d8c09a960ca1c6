"""Where do slots run? One file a target."""
