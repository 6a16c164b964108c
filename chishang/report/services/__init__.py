"""What changes the records of the report."""
