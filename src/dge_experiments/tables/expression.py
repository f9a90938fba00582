"""The expression of a row filter: the columns it names, and the rows it keeps.

It is evaluated node by node, never run as Python: columns, numbers, strings, lists, comparisons, ``and``, ``or``,
``not``, arithmetic, ``abs`` and logarithms are all there is.
"""

import ast
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from dge_experiments.errors import BadInput
from dge_experiments.tables.table import CANONICAL

ARITHMETIC: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.Pow: operator.pow, ast.Mod: operator.mod,
}  # fmt: skip
COMPARISONS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge,
    ast.Eq: operator.eq, ast.NotEq: operator.ne,
}  # fmt: skip
FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "abs": np.abs, "log": np.log, "log2": np.log2, "log10": np.log10,
}  # fmt: skip
KNOWN = (*CANONICAL, "gene", "group")


@dataclass(frozen=True)
class Filter:
    """A parsed filter.

    Attributes
    ----------
    text : as written
    tree : its expression
    quoted : placeholder in ``tree`` -> the name that stood in backticks
    """

    text: str
    tree: ast.expr
    quoted: Mapping[str, str]

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns that it mentions, canonical or the file's own, in order."""
        names = [name for node in _operands(self.tree) if (name := self._name(node)) is not None]
        return tuple(dict.fromkeys(names))

    @property
    def headers(self) -> tuple[str, ...]:
        """The columns without a canonical name: headers of the file."""
        return tuple(name for name in self.columns if name not in KNOWN)

    def mask(self, frame: pd.DataFrame, extra: pd.DataFrame) -> "np.ndarray[Any, np.dtype[np.bool_]]":
        """Which rows the filter keeps; shape (rows,). A missing value satisfies no comparison but ``!=``.

        Parameters
        ----------
        frame : the canonical columns
        extra : further columns of the file, as text, same rows; one that holds numbers is compared as numbers

        Raises
        ------
        BadInput
            an unknown column, or an expression that does not say yes or no for each row
        """
        values = {str(name): frame[name] for name in frame}
        values |= {str(name): typed(extra[name]) for name in extra if name not in values}
        try:
            with np.errstate(all="ignore"):
                result = np.asarray(self._value(self.tree, values))
        except (OverflowError, RecursionError):
            raise self._bad("a number too large, or nested too deeply") from None
        if result.dtype != bool or result.shape != (len(frame),):
            raise self._bad("must say yes or no for each row, such as P.Value < 0.05")
        return result

    def _value(self, node: ast.expr, values: Mapping[str, Any]) -> Any:
        name = self._name(node)
        if name is not None:
            if name not in values:
                raise self._bad(f"no column {name!r} (there are {', '.join(values)})")
            return values[name]
        match node:
            case ast.Constant(value=bool()) | ast.Constant(value=None):
                pass
            case ast.Constant(value=int() | float() | str() as constant):
                return constant if isinstance(constant, str) else np.float64(constant)
            case ast.BoolOp(op=op, values=parts):
                masks = [self._mask_of(part, values) for part in parts]
                return (np.logical_and if isinstance(op, ast.And) else np.logical_or).reduce(masks)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return ~self._mask_of(operand, values)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return -self._number(operand, values)
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self._number(operand, values)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in ARITHMETIC:
                return ARITHMETIC[type(op)](self._number(left, values), self._number(right, values))
            case ast.Call(func=ast.Name(id=function), args=[argument], keywords=[]) if function in FUNCTIONS:
                return FUNCTIONS[function](self._number(argument, values))
            case ast.Compare():
                return self._comparison(node, values)
        raise self._bad(
            "only columns, numbers, strings, comparisons, and, or, not, arithmetic, abs, log, log2 and log10"
        )

    def _comparison(self, node: ast.Compare, values: Mapping[str, Any]) -> Any:
        """``a < b < c`` as ``a < b and b < c``; ``in`` takes a list."""
        masks, left = [], node.left
        for op, right in zip(node.ops, node.comparators, strict=True):
            if isinstance(op, ast.In | ast.NotIn):
                if not isinstance(right, ast.List | ast.Tuple):
                    raise self._bad("`in` needs a list, such as gene in ['TP53', 'MYC']")
                is_in = pd.Series(self._value(left, values)).isin(
                    [self._value(e, values) for e in right.elts]
                )
                masks.append(is_in.to_numpy() ^ isinstance(op, ast.NotIn))
            elif type(op) in COMPARISONS:
                a, b = self._value(left, values), self._value(right, values)
                if _is_text(a) != _is_text(b):
                    raise self._bad("text is compared with a number; put strings in quotes")
                masks.append(np.asarray(COMPARISONS[type(op)](a, b)))
            else:
                raise self._bad("`is` is no comparison here; use == or !=")
            left = right
        return np.logical_and.reduce(masks)

    def _mask_of(self, node: ast.expr, values: Mapping[str, Any]) -> Any:
        mask = np.asarray(self._value(node, values))
        if mask.dtype != bool:
            raise self._bad("and, or and not join comparisons, such as P.Value < 0.05 and logFC > 1")
        return mask

    def _number(self, node: ast.expr, values: Mapping[str, Any]) -> Any:
        value = self._value(node, values)
        if _is_text(value) or np.asarray(value).dtype == bool:
            raise self._bad(f"{ast.unparse(node)} is no number")
        return value

    def _name(self, node: ast.AST) -> str | None:
        """The column that a node names: ``logFC``, ``adj.P.Val``, or one that stood in backticks."""
        if isinstance(node, ast.Name):
            return self.quoted.get(node.id, node.id)
        if isinstance(node, ast.Attribute):
            parent = self._name(node.value)
            return None if parent is None else f"{parent}.{node.attr}"
        return None

    def _bad(self, why: str) -> BadInput:
        return BadInput(f"data.filter={one_line(self.text)}: {why}")


def one_line(text: str) -> str:
    """A filter on one line, without control characters."""
    return "".join(c for c in " ".join(text.split()) if c.isprintable())


def _operands(node: ast.AST) -> list[ast.AST]:
    """Names and dotted names, whole, without those of functions; in order."""
    if isinstance(node, ast.Name | ast.Attribute):
        return [node]
    children = ast.iter_child_nodes(node)
    if isinstance(node, ast.Call):
        children = iter(node.args)
    return [operand for child in children for operand in _operands(child)]


def typed(text: "pd.Series[Any]") -> "pd.Series[Any]":
    """A column of text as numbers where every cell that is not empty is one."""
    numbers = pd.to_numeric(text, errors="coerce")
    empty = text.fillna("").astype(str).str.strip().isin(("", "NA"))
    return numbers if bool((numbers.notna() | empty).all()) and not bool(empty.all()) else text


def _is_text(value: Any) -> bool:
    return isinstance(value, str) or (
        isinstance(value, pd.Series) and not pd.api.types.is_numeric_dtype(value)
    )
