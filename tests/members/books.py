"""Small workbooks of the members' ledgers, and ID numbers that pass the check."""

import io
from datetime import date
from itertools import count

import openpyxl

from chishang.core.id_numbers import check_character

_sequence = count(10)
ROSTER = (
    *(
        "序号",
        "姓名",
        "性别",
        "民族",
        "公民身份号码",
        "学历",
        "职业",
        "入党日期",
        "转正日期",
        "所在党支部",
        "党员类别",
    ),
    *("手机号", "流动党员", "困难党员", "备注"),
)
MEETINGS = ("日期", "党支部或单位", "活动类型", "主题", "地点", "主持人", "应到人数", "实到人数", "备注")
TRAININGS = ("日期", "培训名称", "类别", "党支部", "参训人", "地点")
ELECTIONS = ("村", "选情预判日期", "预判等级", "党支部换届完成日期", "村委会换届完成日期", "选出书记", "连任")
TALENTS = ("姓名", "类别", "所在村", "荣誉称号", "授予单位", "日期")


def id_number(born_on: date = date(1970, 5, 6), *, male: bool = True, sequence: int | None = None) -> str:
    """A number of the unassigned area 370399, different each time unless ``sequence`` (three digits) is given."""
    last = next(_sequence) * 2 + male if sequence is None else sequence
    digits = f"370399{born_on:%Y%m%d}{last % 1000:03}"
    return digits + check_character(digits)


def book(file: str, sheet: str, columns: tuple[str, ...], *rows: dict[str, object]) -> list[tuple[str, io.BytesIO]]:
    """A workbook of one sheet, filled on 31 December 2017."""
    workbook = openpyxl.Workbook()
    page = workbook.active
    page.title = sheet
    page.append([f"测试镇{file}"])
    page.append(["填报日期：2017年12月31日"])
    page.append(list(columns))
    for values in rows:
        page.append([values.get(column) for column in columns])
    stream = io.BytesIO()
    workbook.save(stream)
    stream.seek(0)
    return [(f"{file}.xlsx", stream)]
