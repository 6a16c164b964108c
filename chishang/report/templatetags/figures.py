"""How the pages of the report write numbers: as its tables do."""

from django import template

from chishang.report.lines import count_text, told

register = template.Library()
register.filter("told", told)
register.filter("count_text", count_text)
