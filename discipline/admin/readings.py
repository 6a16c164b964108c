"""Registers: readings."""
