"""Every small fault that can be put into a file: a comparison turned round, a condition that always holds, an argument,
an entry or a statement that is missing, another word or number."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

TURNED = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
CONDITIONS = {"where", "filter", "and_", "or_", "within", "covers", "check"}  # of these an argument can be left out
TYPES = ("annotation", "returns")  # what is said of types alone: no test can notice


@dataclass(frozen=True)
class Fault:
    """`instead` stands for what lies between two places of a file, counted in bytes."""

    path: str
    line: int
    function: int  # the line where the innermost function around it begins, 0 outside of any
    begin: int
    end: int
    instead: str
    what: str

    @property
    def name(self) -> str:
        return f"{self.path}:{self.line} {self.what}"

    def put_into(self, source: bytes) -> bytes:
        return source[: self.begin] + self.instead.encode() + source[self.end :]


def of_file(root: Path, path: str) -> list[Fault]:
    """All of them, in the order of the file."""
    source = (root / path).read_bytes()
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    found = {}
    tree = ast.parse(source)
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    for node, instead in of_node(tree):
        begin = starts[node.lineno - 1] + node.col_offset
        end = starts[node.end_lineno - 1] + node.end_col_offset
        if source[begin:end].decode() == instead:  # `while True`
            continue
        around = max((one.lineno for one in functions if one.lineno <= node.lineno <= (one.end_lineno or 0)), default=0)
        text = source[begin:end].decode()
        what = " ".join(f"{text} → {instead}".split())
        found[begin, end, instead] = Fault(path, node.lineno, around, begin, end, instead, what)
    return [found[place] for place in sorted(found)]


def of_node(node: ast.AST) -> Iterator[tuple[ast.AST, str]]:
    """What can be wrong within a node: the part that is exchanged, and what stands there instead."""
    if isinstance(node, ast.JoinedStr):  # the places of its parts are not known
        return
    if isinstance(node, ast.expr):
        yield from ((node, f"({one})") for one in of_expression(node))
    elif isinstance(node, ast.stmt):
        yield from ((node, one) for one in of_statement(node))
    for test in conditions(node):
        yield from ((test, one) for one in ("True", "False"))
    for name, value in ast.iter_fields(node):
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, ast.AST) and name not in TYPES and not is_text_alone(one):
                yield from of_node(one)


def conditions(node: ast.AST) -> list[ast.expr]:
    if isinstance(node, ast.If | ast.IfExp | ast.While):
        return [node.test]
    if isinstance(node, ast.comprehension):
        return node.ifs
    return [node.guard] if isinstance(node, ast.match_case) and node.guard else []


def is_text_alone(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def of_statement(node: ast.stmt) -> Iterator[str]:
    match node:
        case ast.Raise() | ast.AugAssign() | ast.Expr(value=ast.Call()) | ast.Assign(targets=[ast.Attribute()]):
            yield "pass"
        case ast.Return(value=ast.expr()) if ast.unparse(node.value) != "None":
            yield "return None"


def of_expression(node: ast.expr) -> Iterator[str]:
    match node:
        case ast.Compare(ops=[op]) if type(op) in TURNED:
            yield ast.unparse(ast.Compare(node.left, [TURNED[type(op)]()], node.comparators))
        case ast.BoolOp():
            yield ast.unparse(ast.BoolOp(TURNED[type(node.op)](), node.values))
        case ast.BinOp() if type(node.op) in TURNED and not is_text(node.left) and not is_text(node.right):
            yield ast.unparse(ast.BinOp(node.left, TURNED[type(node.op)](), node.right))
        case ast.UnaryOp(op=ast.Not() | ast.Invert()):
            yield ast.unparse(node.operand)
        case ast.Constant(value=bool()):
            yield repr(not node.value)
        case ast.Constant(value=int()):
            yield repr(node.value + 1)
        case ast.Constant(value=str()):
            yield repr(node.value + "~")
        case ast.Call() if getattr(node.func, "attr", getattr(node.func, "id", "")) in CONDITIONS:
            for one in node.keywords:
                yield ast.unparse(
                    ast.Call(node.func, node.args, [other for other in node.keywords if other is not one])
                )
            for args in without_each(node.args) if len(node.args) > 1 else []:
                yield ast.unparse(ast.Call(node.func, args, node.keywords))
        case ast.Dict(keys=[_, _, *_]):
            for some in without_each(list(zip(node.keys, node.values, strict=True))):
                yield ast.unparse(ast.Dict([key for key, _ in some], [value for _, value in some]))
        case ast.Tuple(elts=[_, _, *_], ctx=ast.Load()) if all(isinstance(one, ast.Constant) for one in node.elts):
            for some in without_each(node.elts):
                yield ast.unparse(ast.Tuple(some, ast.Load()))


def is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def without_each(some: list) -> list[list]:
    return [some[:place] + some[place + 1 :] for place in range(len(some))]
