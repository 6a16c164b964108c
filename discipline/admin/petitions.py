"""Registers: petitions."""
