"""Registers: cases."""
