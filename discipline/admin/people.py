"""Registers: people."""
