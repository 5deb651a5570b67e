"""What is raised where guideline source is not passed."""

import ast


class Refusal(Exception):
    """Carry the node that the allow-list does not have, what it is called, and the rule whose finding it is."""

    def __init__(self, node: ast.AST, what: str, rule: str = "runs-code") -> None:
        super().__init__(what)
        self.node = node
        self.what = what
        self.rule = rule
