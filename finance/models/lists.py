"""Reference lists: the chart of accounts, subjects of the budget, kinds of collective income, the disclosure rule."""

from datetime import date
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import F, Q

from chishang.core.history import tracked
from chishang.core.scoping import PUBLIC, ScopedModel, ScopedQuerySet
from finance.enums import AccountCategory, Side, SubjectLevel


@tracked()
class Account(ScopedModel):
    """A first-level account of rural collective economic organisations (财会〔2023〕14号, in force from 2024)."""

    scope_path = PUBLIC

    code = models.CharField("科目编码", max_length=10, unique=True)
    name = models.CharField("科目名称", max_length=50, unique=True)
    category = models.CharField("类别", max_length=10, choices=AccountCategory)
    normal_side = models.CharField("余额方向", max_length=6, choices=Side)
    source = models.CharField("依据", max_length=200, blank=True)

    class Meta(ScopedModel.Meta):
        verbose_name = verbose_name_plural = "会计科目"
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


@tracked()
class Subject(ScopedModel):
    """A subject of the budget (经费科目), with the two accounts that its disbursement moves."""

    scope_path = PUBLIC

    code = models.SlugField("代码", max_length=40, unique=True)
    name = models.CharField("经费科目", max_length=50, unique=True)
    level = models.CharField("层级", max_length=10, choices=SubjectLevel)
    debit_account = models.ForeignKey(
        Account, verbose_name="借方科目", on_delete=models.PROTECT, related_name="+", help_text="拨付时记在借方"
    )
    credit_account = models.ForeignKey(
        Account, verbose_name="贷方科目", on_delete=models.PROTECT, related_name="+", help_text="拨付时记在贷方"
    )
    sort_no = models.PositiveIntegerField("排序号", default=0)
    is_active = models.BooleanField("使用中", default=True)

    class Meta(ScopedModel.Meta):
        verbose_name = verbose_name_plural = "经费科目"
        ordering = ["sort_no", "name"]
        constraints = [
            models.CheckConstraint(
                name="subject_moves_two_accounts",
                condition=~Q(debit_account=F("credit_account")),
                violation_error_message="借方和贷方不能是同一个会计科目。",
            )
        ]

    def __str__(self) -> str:
        return self.name


@tracked()
class IncomeKind(ScopedModel):
    """A source of collective income (收入来源), and whether it counts for the threshold lists."""

    scope_path = PUBLIC

    name = models.CharField("收入来源", max_length=50, unique=True)
    account = models.ForeignKey(Account, verbose_name="会计科目", on_delete=models.PROTECT, related_name="+")
    counts_as_income = models.BooleanField(
        "计入集体收入", default=True, help_text="“集体收入超过 3 万元”等名单只算计入的；财政补助一般不计入"
    )
    sort_no = models.PositiveIntegerField("排序号", default=0)
    is_active = models.BooleanField("使用中", default=True)

    class Meta(ScopedModel.Meta):
        verbose_name = verbose_name_plural = "收入来源"
        ordering = ["sort_no", "name"]

    def __str__(self) -> str:
        return self.name


class DisclosureRuleQuerySet(ScopedQuerySet):
    """Rules of disclosure."""

    def in_force(self, day: date) -> Self:
        """Return those valid on ``day``, the newest first."""
        return self.filter(valid_from__lte=day).order_by("-valid_from")


@tracked()
class DisclosureRule(ScopedModel):
    """How many days after a quarter its statement must be public (村民委员会组织法 art. 30: once a quarter)."""

    scope_path = PUBLIC

    due_days = models.PositiveSmallIntegerField("季度结束后多少天内公开")
    valid_from = models.DateField("起始日期", unique=True, error_messages={"unique": "这一天起的规定已经登记。"})
    source = models.CharField("依据", max_length=200, blank=True)

    objects: ClassVar[Any] = models.Manager.from_queryset(DisclosureRuleQuerySet)()

    class Meta(ScopedModel.Meta):
        verbose_name = verbose_name_plural = "公开时限"
        ordering = ["-valid_from"]

    def __str__(self) -> str:
        return f"{self.due_days} 天"
