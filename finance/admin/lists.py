"""Registers of the chart of accounts, subjects, kinds of income, the disclosure rule."""
