"""What shifts traffic? One file a router."""
