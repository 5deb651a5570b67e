"""Datasets counted a second time, with regular expressions and `ast` in place of what reads them in the product."""

import ast
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_KINDS = {str: "text", int: "integer", float: "number", bool: "boolean", type(None): "none"}
_SHAPES: dict[type[ast.expr], str] = {
    ast.List: "list", ast.Tuple: "tuple", ast.Set: "set", ast.Dict: "mapping", ast.Attribute: "member",
    ast.JoinedStr: "text", ast.BinOp: "text",
}  # fmt: skip
_GUIDEX = re.compile(
    r"^(?P<guidelines>.*?)^text = (?P<document>[^\n]*)(?:.*?^result = (?P<labels>.*))?", re.MULTILINE | re.DOTALL
)


@dataclass
class Row:
    """One row as plain Python reads it; ``classes`` holds bases and fields in the order of the constructor."""

    guidelines: str
    labels: str
    document: str
    classes: dict[str, list[str]] = field(default_factory=dict)
    keyword_only: set[tuple[str, str]] = field(default_factory=set)
    others: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, content: dict[str, Any]) -> "Row":
        if "guidelines" in content:
            row = cls(content["guidelines"], content["labels"], content.get("document") or content["text"])
        else:
            found = _GUIDEX.match(content["text"])
            assert found is not None
            labels = content.get("labels") or found["labels"]
            row = cls(found["guidelines"], labels, content.get("unlabelled_sentence") or json.loads(found["document"]))
        row._read_classes()
        return row

    @property
    def words(self) -> int:
        """Count runs of letters, marks and digits; an apostrophe between two letters parts nothing."""
        text = re.sub(r"(?<=\w)['’](?=\w)|[\u200c\u200d]", "", self.document)
        runs = "".join(one if unicodedata.category(one)[0] in "LMN" else " " for one in text).split()
        return len(runs)

    def _read_classes(self) -> None:
        for node in ast.parse(self.guidelines).body:
            if not isinstance(node, ast.ClassDef):
                continue
            bases = [base.id for base in node.bases if isinstance(base, ast.Name)]
            if {"Enum", "StrEnum", "IntEnum", "str"} & set(bases):
                self.others.add(node.name)
                continue
            names = list(dict.fromkeys(name for base in bases for name in self.classes.get(base, [])))
            is_keyword = False
            for line in node.body:
                if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name):
                    annotation = ast.unparse(line.annotation)
                    is_keyword |= annotation == "KW_ONLY"
                    if annotation == "KW_ONLY" or annotation.startswith("ClassVar"):
                        continue
                    names += [] if line.target.id in names else [line.target.id]
                    self.keyword_only |= {(node.name, line.target.id)} if is_keyword else set()
            self.classes[node.name] = names

    def items(self) -> list[ast.expr]:
        """Give the items of the list with what is assigned before it put in its place."""
        *before, last = ast.parse(self.labels.replace("\r\n", "\n").strip()).body
        assigned: dict[str, ast.expr] = {}
        for one in before:
            assert isinstance(one, ast.Assign)
            assert isinstance(one.targets[0], ast.Name)
            assigned[one.targets[0].id] = one.value
        assert isinstance(last, ast.Expr | ast.Assign | ast.AnnAssign)
        assert last.value is not None

        class Putting(ast.NodeTransformer):
            def visit_Name(self, node: ast.Name) -> ast.expr:
                return self.visit(assigned[node.id]) if node.id in assigned else node

        whole = Putting().visit(last.value)
        assert isinstance(whole, ast.List)
        return whole.elts

    def calls(self) -> Iterator[tuple[str, ast.Call]]:
        """Give every annotation."""
        for item in self.items():
            for node in ast.walk(item):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id not in self.others:
                    yield node.func.id, node

    def arguments(self, name: str, call: ast.Call) -> dict[str, ast.expr]:
        """Give the values of a call by the attributes that they fill."""
        positions = [one for one in self.classes[name] if (name, one) not in self.keyword_only]
        named = {one.arg: one.value for one in call.keywords if one.arg in self.classes[name]}
        return dict(zip(positions, call.args, strict=False)) | named

    def kinds(self) -> Counter[str]:
        """Count the values inside annotations, at any depth."""
        return Counter(
            kind
            for _, call in self.calls()
            for value in (*call.args, *(one.value for one in call.keywords))
            for kind in self._kinds(value)
        )

    def _kinds(self, value: ast.expr) -> Iterator[str]:
        match value:
            case ast.Call(func=ast.Name(id=name), args=args):
                yield from (kind for one in args for kind in self._kinds(one)) if name in self.others else ["instance"]
            case ast.Constant(value=constant) | ast.UnaryOp(operand=ast.Constant(value=constant)):
                yield _KINDS[type(constant)]
            case _:
                yield _SHAPES[type(value)]
                inside = value.values if isinstance(value, ast.Dict) else getattr(value, "elts", [])
                yield from (kind for one in inside for kind in self._kinds(one))


def is_filled(value: ast.expr) -> bool:
    """Say whether a value is something: neither None nor blank nor a container of nothing else."""
    match value:
        case ast.Constant(value=None):
            return False
        case ast.Constant(value=str(text)):
            return text.strip() != ""
        case ast.List(elts=inside) | ast.Tuple(elts=inside) | ast.Set(elts=inside) | ast.Dict(values=inside):
            return any(map(is_filled, inside))
        case _:
            return True


def rows(path: Path) -> list[dict[str, Any]]:
    """Give the rows of a file as JSON has them."""
    text = path.read_text(encoding="utf-8")
    found = json.loads(text) if path.suffix == ".json" else [json.loads(line) for line in text.splitlines()]
    return list(found)
