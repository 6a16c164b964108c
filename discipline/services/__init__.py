"""Writes of the discipline office."""
