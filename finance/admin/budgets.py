"""Registers of budgets, their adjustments and assessments."""
