"""Import and export of single registers: scope, natural keys, readable errors, no live formulas."""

import io
from datetime import date
from decimal import Decimal

import openpyxl
import pytest
import tablib
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from chishang.core import waiting
from chishang.core.resources import Money, PartialDateField, PartialDateWidget, ScopedKey, natural_columns
from members.models import Member
from organizations.enums import DutyCode
from tests.core.test_workbooks import bomb
from tests.factories import HouseholdFactory, OrganizationFactory, Town, UserFactory, VillageFactory, appoint
from visits.models import Household, Issue, Visit
from visits.resources import HouseholdResource, IssueResource, VisitResource

OFFICE = DutyCode.OFFICE_CLERK


def sheet(*rows: dict[str, object]) -> tablib.Dataset:
    return tablib.Dataset(*(list(row.values()) for row in rows), headers=list(rows[0]))


def household(**values: object) -> dict[str, object]:
    return {
        "户编号": "TV01-0009",
        "类型": "农户",
        "所在村": "本村",
        "户主或企业名称": "孙\u3000强",
        "自然村/组": "一组",
        "家庭人口": 3,
        "负责人": "",
        "联系电话": "15410000009",
        **values,
    }


@pytest.fixture
def own_office(town: Town) -> object:
    """An office clerk of the own branch only."""
    user = UserFactory()
    appoint(user, OFFICE, town.own.branch)
    return user


def test_import_adds_and_changes_by_number(town: Town) -> None:
    resource = HouseholdResource(user=town.people[OFFICE])
    result = resource.import_data(sheet(household(), household(户编号="TV01-0001", 户主或企业名称="赵东升")))
    assert (result.totals["new"], result.totals["update"]) == (1, 1)
    assert Household.objects.get(code="TV01-0001").name == "赵东升"
    again = resource.import_data(sheet(household()))
    assert again.totals["skip"] == 1


def test_row_of_another_body_is_not_overwritten(town: Town, own_office: object) -> None:
    resource = HouseholdResource(user=own_office)
    result = resource.import_data(sheet(household(户编号="TV02-0001", 户主或企业名称="改名")))
    assert result.has_errors() or result.has_validation_errors()
    town.foreign_household.refresh_from_db()
    assert town.foreign_household.name == "钱西明"


def test_village_outside_the_scope_does_not_exist(town: Town, own_office: object) -> None:
    result = HouseholdResource(user=own_office).import_data(sheet(household(所在村="外村")))
    assert "没有“外村”" in str(result.invalid_rows[0].error if result.invalid_rows else result.row_errors())
    assert not Household.objects.filter(code="TV01-0009").exists()


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("家庭人口", "三", "“三”不是整数"),
        ("类型", "别墅", "没有“别墅”，应为：农户、企业"),
        ("联系电话", "123", "手机号应为"),
        ("户编号", "", ""),
    ],
)
def test_wrong_cell_is_named_and_nothing_is_stored(town: Town, column: str, value: str, message: str) -> None:
    before = Household.objects.count()
    result = HouseholdResource(user=town.people[OFFICE]).import_data(sheet(household(**{column: value})))
    said = str([row.error for row in result.invalid_rows]) + str(result.row_errors())
    assert message in said
    assert said != "[][]"
    assert Household.objects.count() == before


def test_sheet_without_the_key_column_says_which(town: Town) -> None:
    rows = household()
    del rows["户编号"]
    result = HouseholdResource(user=town.people[OFFICE]).import_data(sheet(rows))
    assert str(result.base_errors[0].error).startswith("缺少列：户编号。")


def test_visit_import_says_who_entered_it(town: Town) -> None:
    visitor = UserFactory(name="王走访")
    rows = {"走访对象": "TV01-0001", "走访日期": "2017年3月5日", "走访人": visitor.username, "备注": "回访"}
    result = VisitResource(user=town.people[OFFICE]).import_data(sheet(rows))
    assert not result.has_errors()
    visit = Visit.objects.get()
    assert (visit.visitor, visit.entered_by, visit.campaign) == (visitor, town.people[OFFICE], town.campaign)
    assert VisitResource(user=town.people[OFFICE]).import_data(sheet(rows)).totals["skip"] == 1


def test_issue_import_adds_registered_issues_with_their_event(town: Town) -> None:
    visit = town.record(town.own_household)
    day = visit.visited_on.isoformat()
    rows = {"走访对象": "TV01-0001", "反映日期": day, "问题类别": "村民用水", "反映问题": "水浑", "紧急程度": "紧急"}
    rows["办理情况"] = "已销号"
    result = IssueResource(user=town.people[OFFICE]).import_data(sheet(rows))
    assert not result.has_errors(), result.row_errors()
    issue = Issue.objects.get()
    assert (issue.state, issue.urgency, issue.events.count()) == ("registered", "urgent", 1)
    IssueResource(user=town.people[OFFICE]).import_data(sheet(rows))
    assert Issue.objects.count() == 1


def test_import_of_a_visit_does_not_change_what_was_recorded(town: Town) -> None:
    visit = town.record(town.own_household)
    rows = {"走访对象": "TV01-0001", "走访日期": visit.visited_on.isoformat(), "走访人": visit.visitor.username}
    resource = VisitResource(user=town.people[OFFICE])
    result = resource.import_data(sheet({**rows, "谈话内容": "改写", "备注": "回访"}))
    assert result.invalid_rows[0].error.message_dict == {"谈话内容": ["已登记的走访只能改备注。"]}
    assert resource.import_data(sheet({**rows, "备注": "回访"})).totals["update"] == 1
    visit.refresh_from_db()
    assert (visit.content, visit.remark) == ("谈了用水", "回访")


def test_import_does_not_change_an_issue_under_way(town: Town) -> None:
    visit = town.record(town.own_household, "水浑")
    day = visit.visited_on.isoformat()
    rows = {"走访对象": "TV01-0001", "反映日期": day, "问题类别": "村民用水", "反映问题": "水浑", "紧急程度": "紧急"}
    resource = IssueResource(user=town.people[OFFICE])
    Issue.objects.update(state="in_progress")
    assert "不能再改" in str(resource.import_data(sheet(rows)).invalid_rows[0].error)
    Issue.objects.update(state="accepted")
    assert resource.import_data(sheet(rows)).totals["update"] == 1


def test_export_comes_back_unchanged(town: Town) -> None:
    for name in ("=1+1", "'名", "赵东强"):
        HouseholdFactory(village=town.own, name=name)
    user = town.people[OFFICE]
    exported = HouseholdResource(user=user).export(Household.objects.visible_to(user))
    assert HouseholdResource(user=user).import_data(exported).totals["skip"] == 5


def test_export_takes_the_same_queries_for_one_row_and_three(town: Town, django_assert_num_queries: object) -> None:
    user = town.people[OFFICE]
    user.access()
    for rows in (1, 3):
        while Issue.objects.count() < rows:
            village = VillageFactory(branch__parent=town.root)
            town.record(HouseholdFactory(village=village), "电")
        for resource in (HouseholdResource, VisitResource, IssueResource):
            with django_assert_num_queries(1):  # type: ignore[operator]
                resource(user=user).export(resource.Meta.model.objects.visible_to(user))


def export_of(client: Client) -> list[list[object]]:
    """The households that the signed-in account exports, as rows of a workbook."""
    page = client.get("/admin/visits/household/export/")
    chosen = {name: "on" for name in page.context["form"].fields if name.startswith("householdresource")}
    answer = client.post("/admin/visits/household/export/", {"format": "0", "resource": "0", **chosen})
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    return [[cell.value for cell in line] for line in book.active.iter_rows()]


def test_export_has_chinese_titles_numbers_as_text_and_no_formula(client: Client, town: Town) -> None:
    town.own_household.name = "=1+1"
    town.own_household.save()
    client.force_login(town.people[OFFICE], backend="organizations.backends.AppointmentBackend")
    rows = export_of(client)
    assert rows[0][:4] == ["户编号", "类型", "所在村", "户主或企业名称"]
    own = next(row for row in rows if row[0] == "TV01-0001")
    assert own[3] == "'=1+1"
    assert isinstance(own[7], str)


def test_import_page_previews_and_confirms(client: Client, town: Town) -> None:
    client.force_login(town.people[OFFICE], backend="organizations.backends.AppointmentBackend")
    file = SimpleUploadedFile("户.xlsx", sheet(household()).export("xlsx"))
    page = client.post("/admin/visits/household/import/", {"import_file": file, "format": "0", "resource": "0"})
    assert Household.objects.count() == 2
    confirm = page.context["confirm_form"]
    client.post("/admin/visits/household/process_import/", confirm.initial)
    assert Household.objects.filter(code="TV01-0009").exists()


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("户.xlsx", b"PK nothing", "不是 Excel 工作簿"),
        ("户.csv", b"PK nothing", "不是 Excel 工作簿"),
        ("户.txt", b"text", "不是 Excel 工作簿"),
        ("户.csv", "户编号,户主\n1,赵".encode("gbk"), "CSV 文件不是 UTF-8 编码"),
    ],
)
def test_import_page_refuses_what_is_no_workbook(
    client: Client, town: Town, name: str, content: bytes, message: str
) -> None:
    client.force_login(town.people[OFFICE], backend="organizations.backends.AppointmentBackend")
    for number in "01":
        data = {"import_file": SimpleUploadedFile(name, content), "format": number, "resource": "0"}
        assert message in client.post("/admin/visits/household/import/", data).content.decode()


@pytest.mark.parametrize("name", ["户.xlsx", "户.csv"])
def test_bomb_is_refused_whatever_its_name(client: Client, town: Town, name: str) -> None:
    client.force_login(town.people[OFFICE], backend="organizations.backends.AppointmentBackend")
    data = {"import_file": SimpleUploadedFile(name, bytes(bomb(1 << 28))), "format": "0", "resource": "0"}
    assert "解压后太大" in client.post("/admin/visits/household/import/", data).content.decode()


def test_faults_are_told_by_row_and_column_without_any_code(client: Client, town: Town) -> None:
    client.force_login(town.people[OFFICE], backend="organizations.backends.AppointmentBackend")
    rows = [household(), household(户编号="TV01-0010", 所在村="没有村", 家庭人口="三")]
    file = SimpleUploadedFile("户.xlsx", sheet(*rows).export("xlsx"))
    page = client.post("/admin/visits/household/import/", {"import_file": file, "resource": "0"}).content.decode()
    assert "<tr><td>3</td><td>所在村</td><td>没有“没有村”，请核对或先登记</td></tr>" in page
    assert "<tr><td>3</td><td>家庭人口</td><td>“三”不是整数</td></tr>" in page
    assert "Traceback" not in page
    file = SimpleUploadedFile("户.xlsx", sheet({"户主": "赵"}).export("xlsx"))
    page = client.post("/admin/visits/household/import/", {"import_file": file, "resource": "0"}).content.decode()
    assert "缺少列：户编号。" in page
    assert "Traceback" not in page


def test_csv_is_taken_as_csv_without_being_asked(client: Client, town: Town) -> None:
    client.force_login(town.people[OFFICE], backend="organizations.backends.AppointmentBackend")
    file = SimpleUploadedFile("户.csv", sheet(household()).export("csv").encode("utf-8-sig"))
    page = client.post("/admin/visits/household/import/", {"import_file": file, "resource": "0"})
    client.post("/admin/visits/household/process_import/", page.context["confirm_form"].initial)
    assert Household.objects.filter(code="TV01-0009").exists()


def test_issue_that_looks_like_a_formula_comes_back_from_its_export_as_the_same(town: Town) -> None:
    town.record(town.own_household, "-3度水管冻裂")
    resource = IssueResource(user=town.people[OFFICE])
    exported = resource.export(Issue.objects.all())
    assert exported.dict[0]["反映问题"] == "'-3度水管冻裂"
    result = resource.import_data(exported)
    assert not result.has_errors(), result.row_errors()
    assert Issue.objects.count() == 1


@pytest.mark.parametrize(("cell", "text"), [("1968", "1968"), ("1968年7月", "1968-07"), ("1968.7.1", "1968-07-01")])
def test_partial_date_keeps_what_is_known(cell: str, text: str) -> None:
    widget = PartialDateWidget()
    known = widget.clean(cell)
    assert known is not None
    assert widget.render(known) == text
    assert widget.clean(text) == known


def test_partial_date_is_stored_in_two_columns() -> None:
    column = PartialDateField(attribute="founded_on", precision="founded_precision", column_name="成立日期")
    branch = OrganizationFactory.build()
    column.save(branch, {"成立日期": "1968-07"})
    assert (branch.founded_on, branch.founded_precision) == (date(1968, 7, 1), "month")
    assert column.export(branch) == "1968-07"
    column.save(branch, {"成立日期": ""})
    assert branch.founded_on is None
    with pytest.raises(ValueError, match="“1968-13”不是存在的日期"):
        column.save(branch, {"成立日期": "1968-13"})


@pytest.mark.parametrize(
    ("cell", "amount"), [(12.5, "12.50"), ("1,200", "1200.00"), (0, "0.00"), ("３.20", "3.20"), ("", None)]
)
def test_money_is_read_and_shown_with_two_decimals(cell: object, amount: str | None) -> None:
    widget = Money()
    assert widget.clean(cell) == (Decimal(amount) if amount else None)
    assert widget.render(widget.clean(cell)) == (amount or "")


@pytest.mark.parametrize("cell", ["1.234", "-1", "三元", "1e5", "NaN"])
def test_what_is_no_amount_is_refused(cell: str) -> None:
    with pytest.raises(ValueError, match=r"不是金额|负数|超过两位小数"):
        Money().clean(cell)


def test_row_is_never_named_by_a_keyed_index() -> None:
    assert natural_columns(Member) == []
    assert ScopedKey(Member).columns() == ["name"]
    assert ScopedKey(Member).render(Member(name="张三", id_number_index="a" * 64)) == "张三"


def test_preview_that_waited_too_long_is_told_and_nothing_imported(client: Client, town: Town) -> None:
    client.force_login(town.people[OFFICE], backend="organizations.backends.AppointmentBackend")
    file = SimpleUploadedFile("h.xlsx", sheet(household()).export("xlsx"))
    page = client.post("/admin/visits/household/import/", {"import_file": file, "resource": "0"})
    confirm = page.context["confirm_form"].initial
    waiting.forget(confirm["import_file_name"])
    for token in (confirm["import_file_name"], "../../../keys"):
        data = {**confirm, "import_file_name": token}
        answer = client.post("/admin/visits/household/process_import/", data, follow=True)
        assert answer.redirect_chain[-1][0] == "/admin/visits/household/import/"
        assert "已经过期，没有导入" in answer.content.decode()
    assert not Household.objects.filter(code="TV01-0009").exists()
