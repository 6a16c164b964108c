"""Writes of the members app: one file a noun."""

from members.services.honours import grant_honour
from members.services.meetings import AttendanceDraft, MeetingDraft, check_attendance, record_meeting
from members.services.people import (
    correct_member,
    disagreements,
    find_by_id_number,
    register_member,
    reveal_id_number,
    set_id_number,
)
from members.services.standing import (
    ChangeFacts,
    ChangeRefused,
    changes_open_to,
    receive_transfer,
    record_change,
    return_transfer,
    start_transfer,
    take_back,
    void_change,
)

__all__ = [
    "AttendanceDraft",
    "ChangeFacts",
    "ChangeRefused",
    "MeetingDraft",
    "changes_open_to",
    "check_attendance",
    "correct_member",
    "disagreements",
    "find_by_id_number",
    "grant_honour",
    "receive_transfer",
    "record_change",
    "record_meeting",
    "register_member",
    "return_transfer",
    "reveal_id_number",
    "set_id_number",
    "start_transfer",
    "take_back",
    "void_change",
]
