"""What the office may write into a template, each with what it gives today."""

from dataclasses import dataclass
from typing import Any

from chishang.core.figures import find_figure
from chishang.report.lines import told
from chishang.report.sections import SECTIONS
from chishang.report.word.content import LISTS, NAMES
from chishang.report.word.language import Language
from chishang.report.wording import WORDINGS, listed

OF_ROWS = ("appendix", "failed_checks")
"""Lists whose rows have columns; they stand in tables."""


@dataclass(frozen=True)
class Entry:
    """A line of the guide."""

    name: str
    told: str
    example: str
    """How it is written."""
    outcome: str
    """What that gives today."""


@dataclass(frozen=True)
class Group:
    """Entries under a title."""

    title: str
    entries: list[Entry]


def names_in_use(content: dict[str, Any]) -> list[Group]:
    """Return the figures by section, then the other names; ``content`` is what ``content_of`` gives."""
    groups = [
        Group(
            section.title,
            [
                Entry(
                    one.key,
                    f"{one.label}（{one.unit}）",
                    f"{{{{ {one.key} }}}}",
                    told(content["figures"][one.key], one.unit),
                )
                for one in map(find_figure, section.figures)
                if one
            ],
        )
        for section in SECTIONS
    ]
    others = [Entry(name, one.told, *_example(name, content[name])) for name, one in NAMES.items()]
    return [*groups, Group("其他名称和名单", others)]


def wordings_in_use(content: dict[str, Any]) -> list[Entry]:
    """Return the wordings, each tried on an example."""
    language = Language()
    return [
        Entry(one.name, one.told, one.example, str(language.from_string(one.example).render(content)))
        for one in WORDINGS.values()
    ]


def _example(name: str, value: Any) -> tuple[str, str]:
    if name in OF_ROWS:
        columns = "、".join(f"row.{one}" for one in LISTS[name].__annotations__)
        return f"{{%tr for row in {name} %}}", f"{len(value)} 行，每行有 {columns}"
    if name in LISTS:
        return f"{{{{ {name}|listed }}}}", listed(value)
    if isinstance(value, bool):
        return f"{{% if {name} %}}…{{% endif %}}", "是" if value else "否"
    return f"{{{{ {name} }}}}", str(value)
