"""Import and export of the registers of the members app."""
