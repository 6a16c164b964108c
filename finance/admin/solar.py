"""Registers of solar plants and settlements."""
