"""Discipline and supervision: admin."""
