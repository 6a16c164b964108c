"""The secretary's pages on members and meetings."""

from members.views.meetings import calendar, meeting, meetings, record
from members.views.people import home, member, receive

__all__ = ["calendar", "home", "meeting", "meetings", "member", "receive", "record"]
