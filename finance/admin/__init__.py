"""Registers of village money in the admin."""

from finance.admin import budgets, dividends, income, ledger, lists, periods, solar, statements

__all__ = ["budgets", "dividends", "income", "ledger", "lists", "periods", "solar", "statements"]
