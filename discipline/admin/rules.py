"""Registers: rules."""
