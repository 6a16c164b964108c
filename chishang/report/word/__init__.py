"""The report as a Word file: the office's template (or the portal's own), filled with the figures of a day."""

from chishang.report.word.checking import faults_of
from chishang.report.word.rendering import OWN_TEMPLATE, render, write_docx

__all__ = ["OWN_TEMPLATE", "faults_of", "render", "write_docx"]
