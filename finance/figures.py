"""Figures ``finance.*``: money in yuan, villages, households and persons."""

from typing import Any

from chishang.core.dates import last_full_year
from chishang.core.figures import Question, figure
from chishang.core.money import in_wan
from finance.enums import SubjectCode
from finance.models import Budget, CollectiveIncome, Dividend, SolarSettlement, Voucher
from finance.models.income import THRESHOLD
from organizations.models import Village

VILLAGE_SUBJECTS = (SubjectCode.OPERATION, SubjectCode.SECRETARY_PAY)


def is_over(question: Question) -> bool:
    """Say whether the year of the question is over: yearly registers count from its last day."""
    return last_full_year(question.as_of) == question.as_of.year


def _disbursed(question: Question, *subjects: str) -> Any:
    vouchers = question.rows(Voucher).of_subjects(*subjects)
    return vouchers.filter(date__gte=question.year_start, date__lte=question.as_of).signed()


@figure(
    "finance.village_disbursed",
    label="村级运转经费和书记报酬拨付",
    unit="元",
    definition="当年截至日已入账的村级组织运转经费、村党组织书记报酬拨付，冲销的减去。",
    total="effect",
)
def village_disbursed(question: Question) -> Any:
    """The vouchers of the two subjects in the year."""
    return _disbursed(question, *VILLAGE_SUBJECTS)


@figure(
    "finance.village_undisbursed",
    label="待考核拨付",
    unit="元",
    definition="当年两项村级经费的预算（含调整）减去截至日已拨付。",
    total="waiting",
)
def village_undisbursed(question: Question) -> Any:
    """The year's budgets of the two subjects, each with what is left of it."""
    budgets = question.rows(Budget).filter(year=question.as_of.year, subject__code__in=VILLAGE_SUBJECTS)
    return budgets.planned_on(question.as_of)


@figure(
    "finance.special_party_fund",
    label="镇党建工作专项经费",
    unit="元",
    definition="当年截至日已入账的拨付，冲销的减去。",
    total="effect",
)
def special_party_fund(question: Question) -> Any:
    """The vouchers of the fund in the year."""
    return _disbursed(question, SubjectCode.PARTY_FUND)


@figure(
    "finance.special_two_new_fund",
    label="“两新”组织党建工作经费",
    unit="元",
    definition="当年截至日已入账的拨付，冲销的减去。",
    total="effect",
)
def special_two_new_fund(question: Question) -> Any:
    """The vouchers of the fund in the year."""
    return _disbursed(question, SubjectCode.TWO_NEW_FUND)


def _dividends(question: Question) -> Any:
    return question.rows(Dividend).counted_by(question.as_of)


@figure(
    "finance.dividend_villages",
    label="分红村",
    unit="个",
    definition="当年有专项扶贫资金分红的村；按年度登记，从年末起计。",
)
def dividend_villages(question: Question) -> Any:
    """The villages of those dividends: one row a village, whatever the number of its schemes."""
    return question.rows(Village).filter(pk__in=_dividends(question).order_by().values("scheme__village"))


@figure(
    "finance.dividend_households",
    label="分红贫困户",
    unit="户",
    definition="当年分红的受益户数之和；按年度登记，从年末起计。",
    total="households",
)
def dividend_households(question: Question) -> Any:
    """The dividends of the year."""
    return _dividends(question)


@figure(
    "finance.dividend_persons",
    label="分红贫困人口",
    unit="人",
    definition="当年分红的受益人口之和；按年度登记，从年末起计。",
    total="persons",
)
def dividend_persons(question: Question) -> Any:
    """The dividends of the year."""
    return _dividends(question)


@figure(
    "finance.dividend_amount",
    label="分红总额",
    unit="元",
    definition="当年分红总额之和，含村集体所得；按年度登记，从年末起计。",
    total="amount",
)
def dividend_amount(question: Question) -> Any:
    """The dividends of the year."""
    return _dividends(question)


@figure(
    "finance.income_over_30k_villages",
    label="集体收入超3万元村",
    unit="个",
    definition=f"当年计入集体收入的各项来源合计超过（不含等于）{in_wan(THRESHOLD).normalize()}万元的村；年度结束前为空。",
    exists=is_over,
    share_of="org.villages",
)
def income_over_30k_villages(question: Question) -> Any:
    """The villages whose counted income of the year is over the threshold."""
    over = question.rows(CollectiveIncome).villages_over(THRESHOLD, question.as_of.year)
    return question.rows(Village).filter(pk__in=over)


def _settlements(question: Question) -> Any:
    return question.rows(SolarSettlement).received_by(question.as_of)


@figure(
    "finance.solar_villages",
    label="光伏增收村党支部",
    unit="个",
    definition="当年有光伏收益的村，一村一个村党支部；收益从结算期最后一天起计。",
)
def solar_villages(question: Question) -> Any:
    """The villages of those settlements."""
    return question.rows(Village).filter(pk__in=_settlements(question).order_by().values("plant__village"))


@figure(
    "finance.solar_income",
    label="光伏年增收",
    unit="元",
    definition="当年光伏净收益之和，预计的不算；收益从结算期最后一天起计。",
    total="amount",
)
def solar_income(question: Question) -> Any:
    """The settlements of the year up to the day."""
    return _settlements(question)
