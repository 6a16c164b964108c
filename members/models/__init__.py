"""The member register and organisational life: one file an aggregate."""

from members.models.development import DevelopmentFile, DevelopmentRecord, DevelopmentStep
from members.models.dues import DuesBracket, DuesExemption, DuesPayment, DuesStandard
from members.models.honours import Honour, Talent
from members.models.impact import ImpactFlag
from members.models.meetings import Meeting, MeetingAttendance, MeetingKind, MeetingRule
from members.models.people import Member, Occupation
from members.models.standing import MemberChange, StatisticBand, Transfer
from members.models.training import Training, TrainingAttendance

__all__ = [
    "DevelopmentFile",
    "DevelopmentRecord",
    "DevelopmentStep",
    "DuesBracket",
    "DuesExemption",
    "DuesPayment",
    "DuesStandard",
    "Honour",
    "ImpactFlag",
    "Meeting",
    "MeetingAttendance",
    "MeetingKind",
    "MeetingRule",
    "Member",
    "MemberChange",
    "Occupation",
    "StatisticBand",
    "Talent",
    "Training",
    "TrainingAttendance",
    "Transfer",
]
