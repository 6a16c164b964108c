"""What may stand between the braces of a template: names of figures, the office's wordings, conditions, lists.

It is a small part of Jinja2, inside its sandbox: nothing is called, nothing is calculated, no list is walked inside
another, and little is repeated. So a template can neither reach the program nor keep it busy.
"""

import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import fields
from typing import Any

from jinja2 import StrictUndefined, Template, nodes
from jinja2.exceptions import TemplateError, TemplateSyntaxError
from jinja2.sandbox import SandboxedEnvironment
from jinja2.visitor import NodeTransformer

from chishang.core.figures import all_figures, find_figure
from chishang.report.word.content import LISTS, NAMES
from chishang.report.wording import NOTHING, WORDINGS

FIGURES = "figures"
"""Under this name the values lie in the context, by key."""
ALLOWED = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.Const, nodes.Name, nodes.Getattr, nodes.Filter),
    *(nodes.If, nodes.For, nodes.CondExpr, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Test),
)
ORDERING = {"gt", "gteq", "lt", "lteq", "in", "notin"}
"""Comparisons that fail when a figure is not there; ``==``, ``!=`` and truth do not."""
TESTS = {"none"}
SIGNS = {"Call": "()", "Getitem": "[]", "Assign": "set", "Concat": "~", "Add": "+", "Sub": "-", "Mul": "*", "Div": "/"}
SIGNS |= {"FloorDiv": "//", "Mod": "%", "Pow": "**", "Neg": "-"}
"""How what is not allowed is written."""
TOO_MUCH = "括号或 if 套得太深，或者写了太长的数，请写简单些。"
MOST_IN_LOOPS, OF_A_NAME = 100_000, 50
"""So many characters may stand in all loops of a document, a name counted as so many: each is written for each row."""
UNPAIRED = "写法不完整：括号、引号或 if、for 和 endif、endfor 没有成对。"
TOO_LONG_A_LOOP = "for 和 endfor 之间的文字太多，重复写出来会太长。请只把要重复的一行或一段放在里面。"
OF_LOOPS = ("index", "first", "last")
BETWEEN_BRACES = re.compile("(?<={)(<[^>]*>)+(?=[{%#])|(?<=[%}#])(<[^>]*>)+(?=})")
"""What docxtpl takes out first: the tags where Word cut a mark in two."""
MARK = re.compile(r"\{[{%#]|[}%#]\}")
PAIRS = {"{{": "}}", "{%": "%}", "{#": "#}"}
NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Language(SandboxedEnvironment):
    """The environment that reads or fills the parts of one document."""

    in_loops = 0
    """How much stood in the loops of the parts so far."""

    def __init__(self) -> None:
        super().__init__(undefined=StrictUndefined, autoescape=True, finalize=_shown)
        self.globals = {}
        self.filters = {name: one.function for name, one in WORDINGS.items()}
        self.tests = {name: test for name, test in self.tests.items() if name in TESTS}

    def from_string(self, source: str, *args: Any, **options: Any) -> Template:  # type: ignore[override]  # text alone
        """Read one part of a template; ``org.branches.agency`` is a figure, although ``org.branches`` is one, too.

        Raises TemplateError for whatever ``faults`` names: no part gets round it, wherever it is in the file.
        """
        if found := next(self.faults(source), ""):
            raise TemplateError(found)
        return super().from_string(_ByKey().visit(self.parse(source)), *args, **options)

    def faults(self, source: str) -> Iterator[str]:
        """Yield what is wrong in ``source``, the text of one part of the document, in Chinese."""
        try:
            yield from _Reader(self).faults(self.parse(source))
        except TemplateSyntaxError as error:
            yield f"{_near(source, error.lineno)}{UNPAIRED}"
        except (RecursionError, ValueError):  # ValueError: a number of thousands of digits
            yield TOO_MUCH


class _ByKey(NodeTransformer):
    """Turns the chain of names of a figure into its place among the values."""

    def visit_Getattr(self, node: nodes.Getattr) -> nodes.Node:  # noqa: N802  Jinja2 finds it by this name
        """Replace the longest chain first."""
        key = dotted(node)
        if find_figure(key) is None:
            return self.generic_visit(node)
        place: dict[str, Any] = {"lineno": node.lineno, "environment": node.environment}
        return nodes.Getitem(nodes.Name(FIGURES, "load", **place), nodes.Const(key, **place), "load", **place)


class _Reader:
    """Looks through a template for names, wordings and statements that there are not."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self.attributes: dict[str, tuple[str, ...]] = {}
        """What may stand behind the dot of the names of a loop, while inside it."""

    def faults(self, node: nodes.Node) -> Iterator[str]:
        """Yield what is wrong in ``node`` and below it."""
        special = getattr(self, f"_in_{type(node).__name__.lower()}", None)
        if not isinstance(node, ALLOWED):
            yield f"模板里不能用“{_kind(node)}”，只能用数字的名称、写法（|）、if 和 for。"
        elif special is None:
            yield from self._below(node)
        else:
            yield from special(node)

    def _below(self, node: nodes.Node) -> Iterator[str]:
        for child in node.iter_child_nodes():
            yield from self.faults(child)

    def _in_getattr(self, node: nodes.Getattr) -> Iterator[str]:
        key = dotted(node)
        root, _, rest = key.partition(".")
        if find_figure(key) is None and rest not in self.attributes.get(root, ()):
            known = [one.key for one in all_figures()] + [f"{root}.{one}" for one in self.attributes.get(root, ())]
            yield f"没有“{key}”这个名称{_meant(key, known)}。" if key else "模板里不能用“.”取数字以外的内容。"

    def _in_name(self, node: nodes.Name) -> Iterator[str]:
        if node.name not in NAMES and node.name not in self.attributes:
            known = [*NAMES, *self.attributes, *(one.key for one in all_figures())]
            yield f"没有“{node.name}”这个名称{_meant(node.name, known)}。"

    def _in_filter(self, node: nodes.Filter) -> Iterator[str]:
        if node.name not in self.language.filters:
            yield f"没有“{node.name}”这种写法{_meant(node.name, WORDINGS)}。"
        yield from self._below(node)

    def _in_test(self, node: nodes.Test) -> Iterator[str]:
        if node.name not in self.language.tests:
            yield f"模板里不能用“is {node.name}”，只能用“is none”或“is not none”。"
        yield from self._below(node)

    def _in_operand(self, node: nodes.Operand) -> Iterator[str]:
        if node.op in ORDERING:
            yield "模板里不能比大小：数字可能还没有。可以用 ==、!= 和“if 数字”。"
        yield from self._below(node)

    def _in_for(self, node: nodes.For) -> Iterator[str]:
        row_type = LISTS.get(node.iter.name, None) if isinstance(node.iter, nodes.Name) else None
        if row_type is None or not isinstance(node.target, nodes.Name) or node.test or node.recursive:
            yield f"for 只能写成“for 名 in 名单”，名单是{'、'.join(LISTS)}中的一个。"
            return
        if self.attributes:
            yield "for 里面不能再用 for。"
            return
        self.language.in_loops += _weight(node)
        if self.language.in_loops > MOST_IN_LOOPS:
            yield TOO_LONG_A_LOOP
            return
        behind = () if row_type is str else tuple(one.name for one in fields(row_type))
        self.attributes = {node.target.name: behind, "loop": OF_LOOPS}
        for child in [*node.body, *node.else_]:
            yield from self.faults(child)
        self.attributes = {}


def by_line(xml: str) -> str:
    """Put each paragraph on a line, as docxtpl does it, so that the place of a fault can be told."""
    return re.sub(r"<w:p([ >])", r"\n<w:p\1", xml)


def fault_of_braces(xml: str) -> str:
    """Say where the first braces in ``xml`` stay open; empty when each are closed before the next ones begin.

    docxtpl looks for the end of every open one, which takes minutes when there are thousands of them.
    """
    text = by_line(BETWEEN_BRACES.sub("", xml))
    marks = MARK.finditer(text)
    for mark in marks:
        end = next(marks, None)
        if end is None or end[0] != PAIRS.get(mark[0]):
            line = text.count("\n", 0, mark.start()) + 1
            return f"{_near(text, line)}{UNPAIRED}"
    return ""


def dotted(node: nodes.Node) -> str:
    """Return the names of a chain ``a.b.c``; empty when it does not start with a name."""
    parts: list[str] = []
    while isinstance(node, nodes.Getattr):
        parts.append(node.attr)
        node = node.node
    return ".".join([node.name, *reversed(parts)]) if isinstance(node, nodes.Name) else ""


def _weight(loop: nodes.For) -> int:
    """Return how many characters a loop writes for a row, roughly."""
    texts = sum(len(one.data) for one in loop.find_all(nodes.TemplateData))
    return texts + OF_A_NAME * sum(1 for _ in loop.find_all(nodes.Name))


def _shown(value: Any) -> Any:
    """Say ``—`` for what is not there, and leave out characters that no Word file may hold."""
    if value is None:
        return NOTHING
    return NOT_IN_XML.sub("", value) if isinstance(value, str) else value


def _kind(node: nodes.Node) -> str:
    name = type(node).__name__
    return SIGNS.get(name, name.lower())


def _meant(name: str, known: Iterable[str]) -> str:
    """Return the question whether the nearest known name was meant; empty when none is near."""
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"，是不是“{near[0]}”？请核对" if near else "，请在“可用的数字和写法”里查"


def _near(source: str, line: int) -> str:
    """Return where a line of the document's text is, by its first words."""
    lines = source.splitlines()
    text = re.sub(r"<[^>]+>", "", lines[line - 1] if 0 < line <= len(lines) else "").strip()
    return f"“{text[:40]}”附近" if text else "文件末尾前"
