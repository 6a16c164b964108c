"""Reads of village money that join several models."""
