"""Discipline and supervision: forms."""
