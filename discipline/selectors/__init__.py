"""Reads of the discipline office that join several models."""
