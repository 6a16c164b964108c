"""Discipline and supervision: views."""
