"""Registers of the members app."""
