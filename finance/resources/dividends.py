"""Import and export of schemes, dividends, and the lists of those who get them. No ID numbers. Rows go through the
services."""

from abc import ABC, abstractmethod
from typing import Any

from django.db.models import Q
from import_export.fields import Field

from chishang.core.resources import SafeText, ScopedKey, YesNo, guarded, plain
from finance.enums import PovertyLabel
from finance.models import Beneficiary, Dividend, DividendScheme
from finance.resources.base import FinanceResource
from finance.services import record_dividend, save_beneficiary
from finance.services.dividends import check_beneficiary, complete_dividend

VILLAGE, ENTERPRISE = "行政村", "龙头企业"


def _of_village(village: str, path: str) -> Q:
    return Q(**{f"{path}village__name": village}) | Q(**{f"{path}village__code": village})


class DividendSchemeResource(FinanceResource):
    """Schemes by village and enterprise; without a percentage the village gets 30."""

    what = "份协议"

    class Meta(FinanceResource.Meta):
        model = DividendScheme
        import_id_fields = ["village", "enterprise"]
        fields = [
            *("village", "enterprise", "capital", "village_percent", "minimum_percent", "contract_no"),
            *("started_on", "ended_on"),
        ]

    def complete(self, instance: Any) -> None:
        """Take a blank percentage for the usual one."""
        super().complete(instance)
        if instance.village_percent is None:
            instance.village_percent = DividendScheme._meta.get_field("village_percent").get_default()


class RowOfVillage(ScopedKey, ABC):
    """A row named together with its village (name or code) in another column; found once for each such pair."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        """Return the row; raise ValueError when the importer sees none of that name there, or several."""
        cells = row or {}
        key = tuple(plain(cell) for cell in (value, cells.get(VILLAGE), cells.get(ENTERPRISE)))
        if "\n".join(key) not in self.known:
            self.known["\n".join(key)] = self._one(*key)
        return self.known["\n".join(key)]

    def _one(self, text: str, village: str, enterprise: str) -> Any:
        rows = self.model.objects.visible_to(self.user).visible_to(self.user, self.permission)
        found = list(self.rows(rows, text, village, enterprise)[:2])
        if not found:
            raise ValueError(self.missing(text, village, enterprise))
        if len(found) > 1:
            raise ValueError(f"“{village}”有几家龙头企业，请写明是哪一家")
        return found[0]

    @abstractmethod
    def rows(self, rows: Any, text: str, village: str, enterprise: str) -> Any:
        """Return those of ``rows`` that the cells mean."""

    @abstractmethod
    def missing(self, text: str, village: str, enterprise: str) -> str:
        """Return what to tell when there is none."""


class SchemeKey(RowOfVillage):
    """A scheme by village and enterprise."""

    def rows(self, rows: Any, text: str, village: str, enterprise: str) -> Any:
        """Return the scheme in this enterprise."""
        return rows.filter(_of_village(village, ""), enterprise=text)

    def missing(self, text: str, village: str, enterprise: str) -> str:
        """Say which scheme is missing."""
        return f"“{village}”在“{text}”没有入股分红协议，请核对或先登记协议"

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        """Return the enterprise."""
        return guarded(value.enterprise) if value else ""


class DividendKey(RowOfVillage):
    """A dividend by year and village; the enterprise is needed where the village has several."""

    def rows(self, rows: Any, text: str, village: str, enterprise: str) -> Any:
        """Return the dividends of village and year."""
        rows = rows.filter(_of_village(village, "scheme__"), year=int(text) if text.isdecimal() else 0)
        return rows.filter(scheme__enterprise=enterprise) if enterprise else rows

    def missing(self, text: str, village: str, enterprise: str) -> str:
        """Say which dividend is missing."""
        return f"“{village}”没有登记“{text}”年度{enterprise}的分红，请核对或先登记分红"

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        """Return the year."""
        return str(value.year) if value else ""


class DividendResource(FinanceResource):
    """Dividends by village, enterprise and year. A blank village's part is worked out by the scheme."""

    what = "笔分红"
    also_read = ("scheme__village",)
    village = Field(attribute="scheme__village__name", column_name=VILLAGE, widget=SafeText(), readonly=True)
    scheme = Field(
        attribute="scheme", column_name=ENTERPRISE, widget=SchemeKey(DividendScheme, "finance.import_dividend")
    )
    paid_on = Field(attribute="paid_on", column_name="发放日期", readonly=True)

    class Meta(FinanceResource.Meta):
        model = Dividend
        import_id_fields = ["year", "scheme"]
        fields = [
            *("year", "village", "scheme", "amount", "village_amount", "label", "households", "persons", "paid_on"),
        ]

    def complete(self, instance: Any) -> None:
        """Work out the village's part; take a blank label for the usual one."""
        super().complete(instance)
        instance.label = instance.label or PovertyLabel.POOR
        complete_dividend(instance)

    def do_instance_save(self, instance: Any, is_create: bool) -> None:  # noqa: FBT001  the library's signature
        """Store through the service."""
        record_dividend(actor=self.user, dividend=instance)


class OnList(YesNo):
    """是 or 否; a list names those who are on it, so a blank cell is 是."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> bool:
        """Return whether it is 是; raise ValueError for anything but 是, 否 and a blank cell."""
        return super().clean(value, row, **kwargs) if plain(value) else True


class BeneficiaryResource(FinanceResource):
    """Who gets a dividend: by dividend, number of the household, and name. Parts come from the split alone."""

    what = "个人"
    also_read = ("dividend__scheme__village",)
    dividend = Field(
        attribute="dividend", column_name="年度", widget=DividendKey(Dividend, "finance.import_beneficiary")
    )
    village = Field(attribute="dividend__scheme__village__name", column_name=VILLAGE, widget=SafeText(), readonly=True)
    enterprise = Field(
        attribute="dividend__scheme__enterprise", column_name=ENTERPRISE, widget=SafeText(), readonly=True
    )
    amount = Field(attribute="amount", column_name="分得金额（元）", readonly=True)
    is_active = Field(attribute="is_active", column_name="在名单内", widget=OnList())

    class Meta(FinanceResource.Meta):
        model = Beneficiary
        import_id_fields = ["dividend", "household_no", "name"]
        fields = [
            *("dividend", "village", "enterprise", "household_no", "household", "name", "amount", "is_active"),
        ]

    def complete(self, instance: Any) -> None:
        """Refuse whom another list or household has; a row that says what is stored passes, also of a paid list."""
        super().complete(instance)
        stored = Beneficiary.objects.filter(pk=instance.pk).values_list("household", "is_active").first()
        if stored != (instance.household, instance.is_active):
            check_beneficiary(instance)

    def do_instance_save(self, instance: Any, is_create: bool) -> None:  # noqa: FBT001  the library's signature
        """Store through the service."""
        save_beneficiary(actor=self.user, beneficiary=instance)
