"""The confidential registers."""

from discipline.admin import cases, feedback, people, petitions, prevention, readings, rules

__all__ = ["cases", "feedback", "people", "petitions", "prevention", "readings", "rules"]
