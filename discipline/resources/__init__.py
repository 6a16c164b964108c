"""Discipline and supervision: resources."""
