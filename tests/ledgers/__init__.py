"""What must come out of the offices' workbooks, and a copy of one with planted faults."""
