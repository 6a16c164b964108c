"""Periods: closing and reopening."""
