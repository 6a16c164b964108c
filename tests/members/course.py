"""Development files on their way, for tests."""

from datetime import date
from typing import Any

from chishang.core.id_numbers import check_character
from members.enums import Sex
from members.models import DevelopmentFile, DevelopmentRecord, DevelopmentStep, Occupation
from members.services import StepFacts, open_file, record_step
from organizations.models import Organization, User

DAYS = {
    "talk": date(2015, 1, 20),
    "activist": date(2015, 3, 1),
    "activist_filing": date(2015, 3, 10),
    "contacts": date(2015, 3, 15),
    "education": date(2015, 9, 1),
    "candidate": date(2016, 3, 1),
    "candidate_filing": date(2016, 3, 10),
    "introducers": date(2016, 3, 15),
    "review": date(2016, 4, 1),
    "training": date(2016, 4, 10),
    "committee_review": date(2016, 5, 1),
    "pre_approval": date(2016, 5, 10),
    "form": date(2016, 5, 20),
    "admission_vote": date(2016, 6, 1),
    "admission_talk": date(2016, 6, 20),
    "admission_approval": date(2016, 7, 1),
    "admission_filing": date(2016, 7, 10),
    "assignment": date(2016, 7, 15),
    "oath": date(2016, 7, 20),
    "probation": date(2016, 12, 1),
    "confirmation_request": date(2017, 5, 25),
    "confirmation_vote": date(2017, 6, 1),
    "confirmation_approval": date(2017, 7, 1),
    "archive": date(2017, 7, 10),
}
"""A course without a fault: every step after the first, in its order, with its day."""
APPLIED_ON = date(2015, 1, 5)
VOTES = {"due": 9, "present": 7, "in_favour": 6, "against": 0, "abstained": 1}


def id_number(born_on: date = date(1990, 5, 1), *, sequence: int = 11) -> str:
    """An invented number; an odd sequence is a man's."""
    digits = f"370399{born_on:%Y%m%d}{sequence:03d}"
    return digits + check_character(digits)


def applicant(branch: Organization, name: str = "孙东升", **fields: Any) -> DevelopmentFile:
    """An unsaved file with all that the register will want."""
    own = {"sex": Sex.MALE, "born_on": date(1990, 5, 1), "phone": "15400000077"}
    own |= {"address": "测试村12号", "introducers": "赵东强、赵南", "occupation": Occupation.objects.first()}
    own["education"] = DevelopmentFile._meta.get_field("education").choices[0][0]
    return DevelopmentFile(branch=branch, name=name, **{**own, **fields})


def begin(actor: User, branch: Organization, *, number: str | None = None, **fields: Any) -> DevelopmentFile:
    """A file with the application of 5 January 2015."""
    text = id_number() if number is None else number
    return open_file(actor=actor, file=applicant(branch, **fields), applied_on=APPLIED_ON, id_number=text)


def step(code: str) -> DevelopmentStep:
    return DevelopmentStep.objects.get(code=code)


def take(actor: User, file: DevelopmentFile, code: str, day: date | None = None, **facts: Any) -> DevelopmentRecord:
    """Record one step, on its day of the faultless course."""
    own = step(code)
    given = {**(VOTES if own.needs_vote else {}), **facts}
    return record_step(actor=actor, file=file, step=own, occurred_on=day or DAYS[code], facts=StepFacts(**given))


def walk(actor: User, file: DevelopmentFile, until: str) -> DevelopmentFile:
    """Record every step of the faultless course up to one."""
    codes = list(DAYS)
    for code in codes[: codes.index(until) + 1]:
        if not file.records.filter(step__code=code).exists():
            take(actor, file, code)
    return file
