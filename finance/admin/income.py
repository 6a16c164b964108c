"""Register of collective income."""
