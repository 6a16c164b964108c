"""Feedback of inspections: an issue is rectified, verified by another person, struck off; then nothing changes it."""

import re
from collections.abc import Collection
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q

from chishang.core.dates import refuse_future
from chishang.core.guards import told_in_words
from chishang.core.text import clean_name
from discipline.enums import LimitCode
from discipline.models import FeedbackIssue, InspectionRound
from discipline.selectors.limits import Limits
from discipline.services.corrections import take_over
from discipline.services.handling import check_place, lock_row, right_on
from organizations.models import User

CORRECTABLE = frozenset(
    ("number", "round", "category", "level", "unit", "organization", "text", "leader", "responsible", "kind")
) | {"deadline", "measures"}
"""What the inspection said, and who answers for it. What was done is taken back and registered anew."""
RETURNED = "核验未通过："
"""How the result begins once a verification failed."""
LONGEST_REASON = 200
SAME_PERSON = "整改人不能核验自己的整改（整改、核验须为两人），请由他人核验。"
SAME_ACCOUNT = "登记整改的人不能核验同一问题（整改、核验须为两人），请由他人核验。"
STRUCK_OFF = "该问题已销号，不能再改。"
_BETWEEN_NAMES = re.compile(r"[、，,；;／/]+")
_AND = re.compile("[和与及]")
"""Stands between names, and in some: it parts two only where both are names by their length."""


def save_round(*, actor: User, feedback_round: InspectionRound) -> InspectionRound:
    """Store a new or corrected round and return it; where no day for the report is given, the time limit gives it.

    Raises PermissionDenied without the right, ValidationError (by field) for a day in the future or out of order.
    """
    if not actor.has_perm(right_on(feedback_round, "change" if feedback_round.pk else "add")):
        raise PermissionDenied
    with told_in_words():
        refuse_future(feedback_round, "feedback_on", "reported_on")
        if feedback_round.report_due_on is None:
            due = Limits.load().due(LimitCode.ROUND_REPORT, feedback_round.feedback_on)
            feedback_round.report_due_on = due.on if due else None
        elif feedback_round.report_due_on < feedback_round.feedback_on:
            raise ValidationError({"report_due_on": "整改情况报告期限不能早于反馈日期。"})
        _refuse_after_issues(feedback_round)
        feedback_round.full_clean()
        feedback_round.save()
    return feedback_round


def _refuse_after_issues(feedback_round: InspectionRound) -> None:
    """Refuse a day of the feedback after the deadline or the rectification of one of its issues."""
    day = feedback_round.feedback_on
    later = Q(deadline__lt=day) | Q(rectified_on__lt=day)
    if feedback_round.pk and feedback_round.issues.filter(later).exists():
        raise ValidationError({"feedback_on": "反馈日期晚于其中问题的整改时限或整改完成日期，请核对。"})


def register_issue(*, actor: User, issue: FeedbackIssue) -> FeedbackIssue:
    """Store a new issue, open, and return it.

    Raises PermissionDenied without the right to add, ValidationError (by field) for what is missing, another place, or
    a deadline before the feedback.
    """
    with told_in_words():
        check_place(actor, issue, "add")
        _check(issue)
        issue.save()
    return issue


def correct_issue(*, actor: User, issue: FeedbackIssue, changed: Collection[str]) -> FeedbackIssue:
    """Put right the columns ``changed`` of an issue and return it. One that is struck off is refused."""
    with told_in_words():
        locked = _locked(actor, issue)
        take_over(locked, issue, CORRECTABLE.intersection(changed))
        check_place(actor, locked, "change")
        _check(locked)
        locked.save()
    return locked


def rectify_issue(
    *, actor: User, issue: FeedbackIssue, rectified_on: date, rectifier: str, result: str
) -> FeedbackIssue:
    """Note who put an issue right, when and with what result, and return it; another person verifies it.

    Raises ValidationError (by field) when it is rectified already, for a day in the future or before the feedback, and
    without a name or result.
    """
    with told_in_words():
        locked = _locked(actor, issue)
        if locked.rectified_on:
            raise ValidationError("该问题已登记整改；整改有误的，请先退回，再重新登记。")
        locked.rectified_on, locked.rectified_by = rectified_on, actor
        locked.rectifier = _stated("rectifier", rectifier, "请填写整改人。")
        locked.result = _stated("result", result, "请写明整改结果。")
        refuse_future(locked, "rectified_on")
        _check(locked)
        locked.save()
    return locked


def verify_issue(*, actor: User, issue: FeedbackIssue, verified_on: date, verifier: str) -> FeedbackIssue:
    """Note who verified the rectification, and when, and return the issue.

    Another person than who rectified or answers for it, and another account than the one that registered it (整改、
    核验须为两人). Raises ValidationError (by field) with the rule, for an issue that does not wait for it, and for a
    day in the future or before the rectification.
    """
    with told_in_words():
        locked = _locked(actor, issue)
        if not locked.rectified_on:
            raise ValidationError("先整改、后核验：该问题还没有登记整改。")
        if locked.verified_on:
            raise ValidationError("该问题已经核验。")
        locked.verified_on, locked.verified_by = verified_on, actor
        locked.verifier = _stated("verifier", verifier, "请填写核验人。")
        if actor.pk == locked.rectified_by_id:
            raise ValidationError(SAME_ACCOUNT)
        if _names(actor.name) & _rectifiers(locked):
            raise ValidationError(SAME_PERSON)
        refuse_future(locked, "verified_on")
        if verified_on < locked.rectified_on:
            raise ValidationError({"verified_on": "先整改、后核验：核验日期不能早于整改完成日期。"})
        _check(locked)
        locked.save()
    return locked


def return_issue(*, actor: User, issue: FeedbackIssue, reason: str) -> FeedbackIssue:
    """Take back a rectification that does not hold, with the reason, and return the issue: it is open again.

    The reason stands in place of the result until the next rectification; the history keeps both. Raises
    ValidationError (by field) without a reason, and for an issue that is open or struck off.
    """
    with told_in_words():
        locked = _locked(actor, issue)
        if not locked.rectified_on:
            raise ValidationError("该问题还没有登记整改，不用退回。")
        stated = _stated("reason", reason, "请写明为什么退回。")
        if len(stated) > LONGEST_REASON:
            raise ValidationError({"reason": f"退回理由最多 {LONGEST_REASON} 个字，请写短些。"})
        locked.rectified_on, locked.rectifier, locked.rectified_by = None, "", None
        locked.verified_on, locked.verifier, locked.verified_by = None, "", None
        locked.result = RETURNED + stated
        _check(locked)
        locked.save()
    return locked


def strike_off_issue(*, actor: User, issue: FeedbackIssue, struck_off_on: date) -> FeedbackIssue:
    """Strike a verified issue off and return it; nothing changes it after that.

    Raises ValidationError for one not verified, and for a day in the future or before the verification.
    """
    with told_in_words():
        locked = _locked(actor, issue)
        if not locked.verified_on:
            raise ValidationError("先核验、后销号：该问题还没有核验。")
        locked.struck_off_on = struck_off_on
        refuse_future(locked, "struck_off_on")
        if struck_off_on < locked.verified_on:
            raise ValidationError({"struck_off_on": "先核验、后销号：销号日期不能早于核验日期。"})
        _check(locked)
        locked.save()
    return locked


def _locked(actor: User, issue: FeedbackIssue) -> FeedbackIssue:
    locked: FeedbackIssue = lock_row(actor, issue)
    if locked.struck_off_on:
        raise ValidationError(STRUCK_OFF)
    return locked


def _stated(name: str, text: str, message: str) -> str:
    if not (stated := text.strip()):
        raise ValidationError({name: message})
    return stated


def _names(text: str) -> set[str]:
    """Return the names that a column gives: one, or several with separators or spaces between them.

    Ledgers also set the two characters of a name apart (方　明): so what stands between separators is a name without
    its spaces, too, and one character alone is none.
    """
    parts = _BETWEEN_NAMES.split(text)
    found = {clean_name(part) for part in parts} | {word for part in parts for word in part.split()}
    for name in list(found):
        for joint in _AND.finditer(name):
            sides = {name[: joint.start()], name[joint.end() :]}
            found |= sides if min(map(len, sides)) > 1 else set()
    return {name for name in found if len(name) > 1}


def _rectifiers(issue: FeedbackIssue) -> set[str]:
    return _names(issue.rectifier) | _names(issue.responsible)


def _check(issue: FeedbackIssue) -> None:
    issue.full_clean()
    began = issue.round.feedback_on
    if issue.deadline < began:
        raise ValidationError({"deadline": f"整改时限不能早于反馈日期（{began:%Y-%m-%d}）。"})
    if issue.rectified_on and issue.rectified_on < began:
        raise ValidationError({"rectified_on": f"整改完成日期不能早于反馈日期（{began:%Y-%m-%d}）。"})
    if issue.verified_on and _names(issue.verifier) & _rectifiers(issue):
        raise ValidationError({"verifier": SAME_PERSON})
