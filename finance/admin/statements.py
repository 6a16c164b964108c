"""Register of disclosure statements."""
