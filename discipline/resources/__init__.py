"""Import and export of the registers of the discipline office that are not sealed."""
