"""What labels may not hold, named as a reader would name it, and where it stands."""

import ast

from frames import Json
from offsets import Offsets

_NAMES = {
    "AnnAssign": "an assignment",
    "Assert": "an assert statement",
    "Assign": "an assignment",
    "AsyncFor": "a loop",
    "AsyncFunctionDef": "a function",
    "AsyncWith": "a with statement",
    "Attribute": "an attribute access",
    "AugAssign": "an augmented assignment",
    "Await": "an await",
    "BinOp": "an operation",
    "BoolOp": "a boolean operation",
    "Break": "a break statement",
    "Call": "a call of something that is no name",
    "ClassDef": "a class",
    "Compare": "a comparison",
    "Constant": "a constant that is no value (bytes, complex or `...`)",
    "Continue": "a continue statement",
    "Delete": "a del statement",
    "Dict": "a dict",
    "DictComp": "a comprehension",
    "For": "a loop",
    "FormattedValue": "an f-string",
    "FunctionDef": "a function",
    "GeneratorExp": "a generator expression",
    "Global": "a global statement",
    "If": "an if statement",
    "IfExp": "a conditional expression",
    "Import": "an import",
    "ImportFrom": "an import",
    "JoinedStr": "an f-string",
    "Lambda": "a lambda",
    "List": "a list",
    "ListComp": "a comprehension",
    "Match": "a match statement",
    "Name": "a name",
    "NamedExpr": "an assignment expression",
    "Nonlocal": "a nonlocal statement",
    "Pass": "a pass statement",
    "Raise": "a raise statement",
    "Return": "a return statement",
    "Set": "a set",
    "SetComp": "a comprehension",
    "Slice": "a slice",
    "Starred": "an unpacking with `*`",
    "Subscript": "a subscript",
    "Try": "a try statement",
    "TryStar": "a try statement",
    "Tuple": "a tuple",
    "UnaryOp": "an operation",
    "While": "a loop",
    "With": "a with statement",
    "Yield": "a yield",
    "YieldFrom": "a yield",
}


class Refusal(Exception):
    """Name a construct that labels may not hold, and where it stands."""

    def __init__(self, construct: str, node: ast.AST | None = None, *, limit: bool = False) -> None:
        super().__init__(construct)
        self.construct = construct
        self.node = node
        self.limit = limit

    def report(self, offsets: Offsets) -> dict[str, Json]:
        """Give the refusal as it travels to the host."""
        place: Json = None if self.node is None else [*offsets.span(self.node)]
        return {"construct": self.construct, "limit": self.limit, "place": place}


def construct(node: ast.AST) -> str:
    """Name a syntax node as a reader would; unknown ones by their name in the ``ast`` module."""
    name = type(node).__name__
    return _NAMES.get(name, f"the construct {name}")


def statement_name(statement: ast.stmt) -> str:
    """Name a statement; one that is only an expression by what it expresses."""
    return construct(statement.value) if isinstance(statement, ast.Expr) else construct(statement)
