"""The API of the members app."""
