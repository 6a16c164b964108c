"""Import and export of the registers of village money."""
