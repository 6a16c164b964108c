"""Sanctions: the end of their effect follows from the rules, and the member register learns that one bit."""

from collections.abc import Collection
from datetime import date, timedelta

from django.core.exceptions import PermissionDenied, ValidationError

from chishang.core.dates import add_months, in_words, refuse_future, today
from chishang.core.guards import told_in_words
from discipline.enums import LimitCode, Measure
from discipline.models import Case, Involvement, MeasureRule, Person, Sanction
from discipline.models.cases import TWICE
from discipline.selectors.limits import Due, Limits
from discipline.services.corrections import take_over
from discipline.services.flags import refresh_flags
from organizations.models import User

DATES = ("decided_on", "announced_on", "reported_on")


def impact_end(sanction: Sanction) -> date:
    """Return the last day of the effect, by the rule in force on the day of the decision.

    After a sanction of probation the months of the rule count from its end. Raises ValidationError (by field) without
    such a rule, and where the months of probation are missing or too many.
    """
    months = _rule_of(sanction).months + _probation(sanction)
    return add_months(sanction.effective_on, months) - timedelta(days=1)


def decide_sanction(*, actor: User, sanction: Sanction, impact_until: date | None = None) -> Sanction:
    """Store a sanction with the end of its effect, set the member's flag, and return it.

    ``impact_until`` is what somebody typed: one that disagrees with the rule is refused, naming the rule. Raises
    ValidationError (by field) also without an involved person of a filed case that the actor may write in, and for a
    decision before the filing or in the future.
    """
    with told_in_words():
        _store(actor, sanction, impact_until)
        refresh_flags([sanction.involvement.person.member_id])
    return sanction


def correct_sanction(
    *, actor: User, sanction: Sanction, changed: Collection[str], impact_until: date | None = None
) -> Sanction:
    """Put right the columns and texts ``changed`` and return the sanction; raises as ``decide_sanction``.

    The flag of the member whom it was on before goes to what remains.
    """
    with told_in_words():
        seen = Sanction.objects.visible_to(actor, "discipline.change_sanction")
        stored = seen.select_for_update(no_key=True, of=("self",)).filter(pk=sanction.pk).first()
        if stored is None:
            raise PermissionDenied
        before = stored.involvement.person.member_id
        take_over(stored, sanction, changed)
        _store(actor, stored, impact_until)
        refresh_flags([before, stored.involvement.person.member_id])
    return stored


def announce_sanction(*, actor: User, sanction: Sanction, day: date) -> Due | None:
    """Note the day on which the decision was announced; return the limit when that was too late, else None.

    Late ones are told, not refused: it happened. Raises ValidationError (by field) for a second announcement, a day in
    the future or before the decision.
    """
    return _note(actor, sanction, "announced_on", day, LimitCode.SANCTION_ANNOUNCEMENT)


def report_execution(*, actor: User, sanction: Sanction, day: date) -> Due | None:
    """Note the day on which the execution was reported to whoever decided; return and raise as for announcing."""
    return _note(actor, sanction, "reported_on", day, LimitCode.SANCTION_REPORT)


def _store(actor: User, sanction: Sanction, typed: date | None) -> None:
    verb = "change" if sanction.pk else "add"
    case = _case_of(actor, sanction, f"discipline.{verb}_sanction")
    refuse_future(sanction, *DATES)
    if sanction.decided_on < case.filed_on:
        told = f"处分决定日期不能早于立案日期（{in_words(case.filed_on)}）：先立案、后处分。"
        raise ValidationError({"decided_on": told})
    until = impact_end(sanction)
    if typed and typed != until:
        raise ValidationError({"impact_until": disagreement(sanction, until)})
    sanction.impact_until = until
    sanction.full_clean()
    sanction.save()


def _case_of(actor: User, sanction: Sanction, permission: str) -> Case:
    """Return the case, locked; raise ValidationError at ``involvement`` for none that the actor may write in."""
    if not actor.has_perm(permission):
        raise PermissionDenied
    rows = Involvement.objects.visible_to(actor)
    involvement = rows.filter(pk=sanction.involvement_id).first()
    if involvement is None:
        raise ValidationError({"involvement": "请选择已立案件和其中的涉案人员（先立案、后处分）。"})
    # Who the person is in the member register must not change before the flag is set (``save_person``).
    involvement.person = Person.objects.select_for_update(no_key=True).get(pk=involvement.person_id)
    sanction.involvement = involvement
    case: Case = Case.objects.select_for_update(no_key=True).get(pk=involvement.case_id)
    return case


def _rule_of(sanction: Sanction) -> MeasureRule:
    rule: MeasureRule | None = (
        MeasureRule.objects.in_force(sanction.decided_on).filter(measure=sanction.measure).first()
    )
    if rule is None:
        told = "处分决定那天还没有这种处分的影响期规定，请先在“处分影响期规定”中登记。"
        raise ValidationError({"decided_on": told})
    return rule


def _probation(sanction: Sanction) -> int:
    """Return the months of probation: 12 or 24 of a sanction of probation, else 0."""
    is_probation = sanction.measure == Measure.PROBATION
    months = sanction.probation_months
    if (months in TWICE) if is_probation else (months is None):
        return months or 0
    raise ValidationError({"probation_months": "留党察看要填察看期 12 或 24 个月，其他处分不填。"})


def disagreement(sanction: Sanction, until: date) -> str:
    """Return what to tell of an end of effect that is not ``until``, the one by the rule, which it names."""
    rule, months = _rule_of(sanction), _probation(sanction)
    probation = f"察看期 {months} 个月，期满后" if months else ""
    days = f"自{in_words(sanction.effective_on)}生效之日起至{in_words(until)}"
    length = f"{rule.get_measure_display()}的影响期为{probation} {rule.months} 个月"
    return f"影响期与处分种类不符：按《{rule.source}》，{length}，{days}。请改正，或留空由系统计算。"


def _note(actor: User, sanction: Sanction, column: str, day: date, code: LimitCode) -> Due | None:
    seen = Sanction.objects.visible_to(actor, "discipline.change_sanction")
    with told_in_words():
        locked = seen.select_for_update(no_key=True, of=("self",)).filter(pk=sanction.pk).first()
        if locked is None:
            raise PermissionDenied
        if getattr(locked, column):
            raise ValidationError({"day": "已经登记过了。日期登记错的，请在处分页面更正。"})
        _check_noted(locked, day)
        setattr(locked, column, day)
        locked.full_clean()
        locked.save()
    due = Limits.load().due(code, locked.decided_on)
    return due if due and day > due.on else None


def _check_noted(sanction: Sanction, day: date) -> None:
    if day > today():
        raise ValidationError({"day": "日期不能晚于今天。"})
    if day < sanction.decided_on:
        raise ValidationError({"day": f"日期不能早于处分决定日期（{in_words(sanction.decided_on)}）。"})
