"""Registers of schemes, dividends and their beneficiaries."""
