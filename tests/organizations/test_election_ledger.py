"""Sheet 换届 of workbook 05."""

from datetime import date

import pytest

from chishang.core.ledgers import Options, Report, Status, load_ledgers
from organizations.enums import ElectionBody, ForecastLevel
from organizations.models import Election, ElectionForecast, ElectionTerm
from tests.factories import Town
from tests.members.books import ELECTIONS, book


def take(*rows: dict[str, object]) -> Report:
    (report,) = load_ledgers(book("05组织生活台账", "换届", ELECTIONS, *rows), Options())
    return report


def village(**values: object) -> dict[str, object]:
    return {
        "村": "本村",
        "选情预判日期": "2017-08-14",
        "预判等级": "一般",
        "党支部换届完成日期": "2017/11/23",
        "村委会换届完成日期": "2017.12.1",
        "选出书记": "苏明山",
        "连任": "是",
        **values,
    }


def test_township_elected_twice_in_each_village(township: None) -> None:
    assert ElectionTerm.objects.get().name == "2017年村“两委”换届"
    assert (Election.objects.count(), ElectionForecast.objects.count()) == (88, 44)


def test_row_becomes_a_forecast_and_two_elections(town: Town) -> None:
    assert take(village()).status == Status.LOADED
    forecast = ElectionForecast.objects.get()
    assert (forecast.level, forecast.assessed_on) == (ForecastLevel.ORDINARY, date(2017, 8, 14))
    elections = dict(Election.objects.values_list("body", "completed_on"))
    assert elections == {ElectionBody.BRANCH: date(2017, 11, 23), ElectionBody.COMMITTEE: date(2017, 12, 1)}
    assert Election.objects.get(body=ElectionBody.BRANCH).elected_name == "苏明山"
    report = take(village())
    assert all((count.new, count.changed) == (0, 0) for count in report.counts.values())


def test_election_that_is_not_done_yet_has_no_day(town: Town) -> None:
    take(village(村委会换届完成日期=None))
    assert Election.objects.get(body=ElectionBody.COMMITTEE).completed_on is None


@pytest.mark.parametrize(
    ("values", "column"),
    [
        ({"村": "没有的村"}, "村"),
        ({"预判等级": "很好"}, "预判等级"),
        ({"预判等级": None}, "预判等级"),
        ({"党支部换届完成日期": "2017-08-13"}, "党支部换届完成日期"),
        ({"连任": "也许"}, "连任"),
    ],
)
def test_wrong_cell_is_named_and_nothing_stored(town: Town, values: dict[str, object], column: str) -> None:
    report = take(village(**values))
    assert report.status == Status.REFUSED
    assert [fault.column for fault in report.faults] == [column]
    assert not Election.objects.exists()
    assert not ElectionForecast.objects.exists()


@pytest.mark.parametrize(
    ("body", "too_few", "enough", "column", "words"),
    [
        (ElectionBody.BRANCH, (50, 39), (50, 40), "党支部换届完成日期", "实到 39 人，到会的有选举权党员不足五分之四"),
        (ElectionBody.COMMITTEE, (50, 25), (50, 26), "村委会换届完成日期", "实到 25 人，参加投票的选民没有过半数"),
    ],
)
def test_election_without_a_quorum_is_not_completed(
    town: Town, body: ElectionBody, too_few: tuple[int, int], enough: tuple[int, int], column: str, words: str
) -> None:
    take(village(党支部换届完成日期=None, 村委会换届完成日期=None))
    election = Election.objects.filter(body=body, village=town.own)
    election.update(due=too_few[0], present=too_few[1])

    ((named, message),) = [(fault.column, fault.message) for fault in take(village()).faults]
    assert named == column
    assert words in message
    assert election.get().completed_on is None
    assert take(village(村="外村")).status == Status.LOADED, "the numbers are of another village"
    assert take(village(**{column: None})).status == Status.LOADED, "the other body has its quorum"

    election.update(due=enough[0], present=enough[1])
    assert take(village()).status == Status.LOADED
    assert election.get().completed_on is not None


def test_quorum_of_another_round_does_not_matter(town: Town) -> None:
    earlier = ElectionTerm.objects.create(name="2014年村“两委”换届", year=2014)
    Election.objects.create(term=earlier, village=town.own, body=ElectionBody.BRANCH, due=50, present=30)
    assert take(village()).status == Status.LOADED


def test_village_named_twice_is_refused(town: Town) -> None:
    assert [fault.column for fault in take(village(), village()).faults] == ["村"]


def test_empty_cell_leaves_what_the_portal_has(town: Town) -> None:
    take(village())
    take(village(村委会换届完成日期=None, 选出书记=None, 连任=None))
    assert set(Election.objects.values_list("completed_on", flat=True)) == {date(2017, 11, 23), date(2017, 12, 1)}
    branch = Election.objects.get(body=ElectionBody.BRANCH)
    assert (branch.elected_name, branch.re_elected) == ("苏明山", True)
