"""The confidential registers."""

from discipline.admin import cases, feedback, people, petitions, prevention, readings, rules, sanctions

__all__ = ["cases", "feedback", "people", "petitions", "prevention", "readings", "rules", "sanctions"]
