"""Small workbooks of the discipline office."""

import io

import openpyxl

from chishang.core.ledgers import Options, Report, load_ledgers

FILE = "06廉政台账"
COLUMNS = {
    "责任清单": ("名称", "责任主体", "印发日期"),
    "廉政教育": ("日期", "形式", "主题", "对象", "人数"),
    "作风检查": ("日期", "被检查单位", "检查人", "发现问题", "整改情况"),
    "微权力": ("村", "权力事项数", "清理日期"),
    "信访件": ("编号", "转来日期", "来源", "反映内容摘要", "办结日期", "处理结果"),
    "巡察问题": ("编号", "类别", "涉及单位", "问题", "责任人", "整改时限", "反馈日期", "整改完成日期"),
    "案件": ("案号", "线索来源", "立案日期", "结案日期", "被处分党员", "所在党支部", "处分种类", "处分日期"),
    "批评教育": ("日期", "姓名", "单位", "事由", "形式"),
}
SOUND: dict[str, dict[str, object]] = {
    "责任清单": {"名称": "党委主体责任清单", "责任主体": "镇党委", "印发日期": "2017.3.10"},
    "廉政教育": {"日期": "2017/1/23", "形式": "廉政谈话", "主题": "岗位风险提醒", "对象": "村干部", "人数": "２６"},
    "作风检查": {
        "日期": "2017-01-24",
        "被检查单位": "水利站",
        "检查人": "吴美珍",
        "发现问题": "去向公示牌未更新",
        "整改情况": "已更新",
    },
    "微权力": {"村": "本村", "权力事项数": "２６", "清理日期": "2017.08"},
    "信访件": {
        "编号": "XF-2017-01",
        "转来日期": "2017年6月14日",
        "来源": "区委巡察组",
        "反映内容摘要": "反映某村账目公开不完整",
        "办结日期": "2017-08-09",
        "处理结果": "部分属实，已责令整改",
    },
    "巡察问题": {
        "编号": "XC-001",
        "类别": "党的领导",
        "涉及单位": "本村",
        "问题": "议题偏少",
        "责任人": "房长亮",
        "整改时限": "2017年10月31日",
        "反馈日期": "2017年6月20日",
        "整改完成日期": "2017/8/7",
    },
    "案件": {
        "案号": "池纪立〔2017〕1号",
        "线索来源": "区巡察",
        "立案日期": "2017/3/17",
        "结案日期": "2017/5/6",
        "被处分党员": "孙某",
        "处分种类": "警告",
        "处分日期": "2017/5/5",
    },
    "批评教育": {"日期": "2017-03-08", "姓名": "房某某", "单位": "本村", "事由": "帮扶走访不到位", "形式": "通报批评"},
}
"""A sound row of each sheet; the village is that of ``town.own``, whose branch a case still needs."""
HEADER = 3
"""The row of the titles; the first row of data is the next."""


def book(sheets: dict[str, list[dict[str, object]]]) -> tuple[str, io.BytesIO]:
    """A workbook of these sheets; rows may have more columns than the sheet usually has."""
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for name, rows in sheets.items():
        page = workbook.create_sheet(name)
        more = [title for row in rows for title in row if title not in COLUMNS[name]]
        columns = [*COLUMNS[name], *dict.fromkeys(more)]
        page.append([f"测试镇{name}台账"])
        page.append(["填报单位：镇纪委    填报日期：2017年12月31日"])
        page.append(columns)
        for row in rows:
            page.append([row.get(title) for title in columns])
    stream = io.BytesIO()
    workbook.save(stream)
    stream.seek(0)
    return f"{FILE}.xlsx", stream


def load_sheets(sheets: dict[str, list[dict[str, object]]], **options: object) -> Report:
    """Load such a workbook as the operator does, unless ``options`` say otherwise."""
    (report,) = load_ledgers([book(sheets)], Options(**{"confidential": True, **options}))  # type: ignore[arg-type]
    return report
