"""The report's registers in the admin."""
