"""Import and export of budgets, their adjustments and assessments. Rows go through the services."""

from typing import Any

from django.core.exceptions import ValidationError
from import_export.fields import Field

from chishang.core.resources import Money, SafeText, WholeNumber, plain
from finance.models import Assessment, Budget, BudgetAdjustment
from finance.resources.base import FinanceResource, SignedMoney, UnitKey
from finance.services import adjust_budget, record_assessment, save_budget
from finance.services.budgets import check_budget, unit_name

YEAR, UNIT, SUBJECT = "年度", "村或镇本级", "经费科目"


def _computed(attribute: str, title: str) -> Field:
    return Field(attribute=attribute, column_name=title, widget=Money(), readonly=True)


class BudgetResource(FinanceResource):
    """Budgets by year, unit and subject; an export says how each stands, too."""

    what = "项预算"
    also_read = ("organization__village",)
    planned = _computed("planned", "预算（含调整）")
    paid = _computed("paid", "已拨付")
    reserved = _computed("reserved", "已申请")
    withheld = _computed("withheld", "待考核")
    free = _computed("free", "可用")
    waiting = _computed("waiting", "未拨付")

    class Meta(FinanceResource.Meta):
        model = Budget
        import_id_fields = ["year", "organization", "subject"]
        fields = [
            *("year", "organization", "subject", "amount", "held", "source"),
            *("planned", "paid", "reserved", "withheld", "free", "waiting"),
        ]

    def filter_export(self, queryset: Any, **kwargs: Any) -> Any:
        """Work out how each stands."""
        return super().filter_export(queryset, **kwargs).with_balance()

    def complete(self, instance: Any) -> None:
        """Check that the subject is for the unit; a blank 待考核金额 is none."""
        super().complete(instance)
        if instance.held is None:
            instance.held = Budget._meta.get_field("held").get_default()
        if instance.organization_id and instance.subject_id:
            check_budget(instance)

    def do_instance_save(self, instance: Any, is_create: bool) -> None:  # noqa: FBT001  the library's signature
        """Store through the service."""
        save_budget(actor=self.user, budget=instance)


class OfBudgetResource(FinanceResource):
    """Base: rows of a budget, found by year, unit and subject. An import adds rows; a stored one is never changed."""

    also_read = ("budget__organization__village", "budget__subject")
    year = Field(attribute="budget__year", column_name=YEAR, widget=WholeNumber(), readonly=True)
    unit = Field(attribute="budget__organization", column_name=UNIT, widget=UnitKey(), readonly=True)
    subject = Field(attribute="budget__subject__name", column_name=SUBJECT, widget=SafeText(), readonly=True)

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        """Refuse a sheet that does not name the budget."""
        super().before_import(dataset, **kwargs)
        missing = [title for title in (YEAR, UNIT, SUBJECT) if title not in dataset.headers]
        if missing:
            raise ValueError(f"缺少列：{'、'.join(missing)}。请先导出一份，按同样的列填写。")

    def _budget(self, row: Any) -> Any:
        """Return the budget that the row names; raise ValueError when the importer has none such."""
        year, unit = WholeNumber().clean(row.get(YEAR)), self.fields["unit"].widget.clean(row.get(UNIT))
        subject = plain(row.get(SUBJECT))
        meta = self._meta.model._meta
        rows = Budget.objects.visible_to(self.user).visible_to(self.user, f"finance.import_{meta.model_name}")
        found = rows.filter(year=year, organization=unit, subject__name=subject).first()
        if found is None:
            whose = unit_name(unit) if unit else ""
            raise ValueError(f"没有 {year or ''} 年“{whose}”的“{subject}”预算，请核对或先登记预算")
        return found

    def get_instance(self, instance_loader: Any, row: Any) -> Any:
        """Return the stored row of the same budget that says the same."""
        wanted = {name: self.fields[name].clean(row) for name in self._meta.import_id_fields}
        return self.get_queryset().filter(budget=self._budget(row), **wanted).first()

    def init_instance(self, row: Any = None) -> Any:
        """Return a new row of the budget."""
        return self._meta.model(budget=self._budget(row or {}))

    def key_of(self, instance: Any) -> tuple[Any, ...]:
        """Return what tells rows apart."""
        return (instance.budget_id, *super().key_of(instance))

    def complete(self, instance: Any) -> None:
        """Refuse to change a stored row."""
        super().complete(instance)
        if instance.pk:
            stored = self._meta.model.objects.get(pk=instance.pk)
            names = [field.attribute for field in self.fields.values() if not field.readonly]
            if any(getattr(stored, name) != getattr(instance, name) for name in names):
                raise ValidationError("这一笔已经登记，登记后不能更改；登记错的请另登记一笔更正。")


class BudgetAdjustmentResource(OfBudgetResource):
    """Adjustments by budget, day, amount and reason."""

    what = "笔调整"
    amount = Field(attribute="amount", column_name="调整金额（元）", widget=SignedMoney())

    class Meta(FinanceResource.Meta):
        model = BudgetAdjustment
        import_id_fields = ["decided_on", "amount", "reason"]
        fields = ["year", "unit", "subject", "amount", "decided_on", "decided_by", "reason"]

    def do_instance_save(self, instance: Any, is_create: bool) -> None:  # noqa: FBT001  the library's signature
        """Store a new one through the service."""
        if is_create:
            adjust_budget(actor=self.user, adjustment=instance)


class AssessmentResource(OfBudgetResource):
    """Assessments by budget, day, result and amount."""

    what = "条考核结果"

    class Meta(FinanceResource.Meta):
        model = Assessment
        import_id_fields = ["assessed_on", "result", "released"]
        fields = ["year", "unit", "subject", "assessed_on", "result", "released", "decided_by", "note"]

    def do_instance_save(self, instance: Any, is_create: bool) -> None:  # noqa: FBT001  the library's signature
        """Store a new one through the service."""
        if is_create:
            record_assessment(actor=self.user, assessment=instance)
