"""Reads of the members app that join several models. All start at the gate."""

from members.selectors.development import Task, course_of, steps_due, timeline
from members.selectors.dues import (
    Arrears,
    BranchSums,
    DueState,
    MonthLine,
    SheetRow,
    arrears,
    branch_sums,
    schedule,
    sheet,
)
from members.selectors.meetings import (
    BranchDuties,
    MeetingDuty,
    Slot,
    SlotState,
    attendance_of,
    branches_to_record,
    due_this_month,
    meetings_of,
    members_on,
    missing_meetings,
    suggested_topics,
)
from members.selectors.people import MEMBER_FILTERS, current_members, file_of, sees_several_branches

__all__ = [
    "MEMBER_FILTERS",
    "Arrears",
    "BranchDuties",
    "BranchSums",
    "DueState",
    "MeetingDuty",
    "MonthLine",
    "SheetRow",
    "Slot",
    "SlotState",
    "Task",
    "arrears",
    "attendance_of",
    "branch_sums",
    "branches_to_record",
    "course_of",
    "current_members",
    "due_this_month",
    "file_of",
    "meetings_of",
    "members_on",
    "missing_meetings",
    "schedule",
    "sees_several_branches",
    "sheet",
    "steps_due",
    "suggested_topics",
    "timeline",
]
