"""Registers of disbursement requests and vouchers: shown, never changed here."""
