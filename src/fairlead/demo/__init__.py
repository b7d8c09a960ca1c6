"""The whole story on one machine: a good release arrives, a bad one comes back by itself."""
