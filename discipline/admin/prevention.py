"""Registers: prevention."""
