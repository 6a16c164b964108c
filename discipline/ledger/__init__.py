"""Workbook 06 廉政台账: the confidential registers."""
