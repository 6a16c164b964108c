"""Registers: feedback."""
