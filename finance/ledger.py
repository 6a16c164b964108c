"""Workbook 04 资金台账."""
