# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""A network as a diagram: what each layer computes, and how relevance comes back."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from skneon.network.layers._branches import WiredBranches
from skneon.network.layers._chain import Chain

# what a class must define itself for the words of its parents not to be its own
LAYER = ("forward", "pool", "summands", "transform", "wire")
RULE = ("to_units", "to_columns")
# how lines of rules begin that hand relevance from layer to layer
STEPS = ("R_k", "R_j", "p_k")
HANDED = "R_k of the units below, by its backward pass"


@dataclass(frozen=True)
class Line:
    """An equation, and whose it is.

    Attributes
    ----------
    text : str
    of : str
        Name of the step; "" for that of the block.
    """

    text: str
    of: str = ""


@dataclass(frozen=True)
class Step:
    """A layer.

    Attributes
    ----------
    name, words : str
    lines : tuple of Line
    branches : tuple of str
        Of steps side by side.
    """

    name: str
    words: str
    lines: tuple[Line, ...]
    branches: tuple[str, ...] = ()


@dataclass(frozen=True)
class Values:
    """What is between two layers: how many numbers a row has there, and their name."""

    width: int | None
    name: str


@dataclass(frozen=True)
class Diagram:
    """A network in words and equations.

    Attributes
    ----------
    title : str
    forward : tuple of Values and Step in turn
        From the columns to the score.
    rule : str
        Which rule carries relevance back, and how; "" for none.
    backward : tuple of Line
        From the score to the columns, then what they sum to.
    """

    title: str
    forward: tuple[Values | Step, ...]
    rule: str
    backward: tuple[Line, ...]


def diagram_of(network: Any, title: str = "", score: str = "") -> Diagram:
    """The diagram of a network.

    Parameters
    ----------
    network : Network
    title : str, default=""
    score : str, default=""
        What the score is called.
    """
    chain = network.preprocessing
    steps = () if chain is None else chain.steps
    names = ["x" + "′" * i for i in range(len(steps))]
    # what the units see has a letter of its own
    names.append("z" if steps else "x")
    n_columns = network.units.inputs.n_columns if chain is None else chain.n_inputs
    forward: list[Values | Step] = [Values(n_columns, "columns x")]
    back: list[Line] = []
    for i, (name, layer) in enumerate(steps):
        wired = chain.wired[i]
        forward.append(_preprocessing(name, layer, wired, names[i], names[i + 1]))
        kind = "inputs" if i + 1 == len(steps) else "values"
        forward.append(Values(wired.inputs.n_outputs, f"{kind} {names[i + 1]}"))
        returned = own_text(layer, "returned", LAYER) or "by its own layer"
        back.insert(0, Line(returned, name))
    units, pooling = network.units, network.pooling
    forward.append(_step(units, names[-1]))
    forward.append(Values(own_text(units, "n_units", ()), "units h"))
    for layer in network.middle:
        forward.append(_step(layer, names[-1]))
        forward.append(Values(getattr(layer, "n_units", None), "units h"))
    forward.append(_step(pooling, names[-1]))
    symbol = own_text(pooling, "equation", LAYER).partition(" = ")[0] or "score"
    named = f"score {symbol}" if symbol != "score" else symbol
    forward.append(Values(1, f"{named}: {score}" if score else named))
    rule, lines, total = _backward(network, symbol, names[-1])
    return Diagram(title, tuple(forward), rule, (*lines, *back, *total))


def own_text(thing: Any, name: str, methods: Sequence[str]) -> Any:
    """A text of a layer or rule that is about what it does itself; "" for none.

    Where a subclass does something else by another method and does not say what, the
    text of its parent is not about it.
    """
    for kind in type(thing).__mro__:
        if name in vars(kind) or name in vars(thing):
            return getattr(thing, name)
        if any(method in vars(kind) for method in methods):
            return ""
    return ""


def _step(layer: Any, x: str) -> Step:
    """Units, a pooling or what is between them."""
    equation = own_text(layer, "equation", LAYER)
    text = _renamed(equation, x) + _numbers(getattr(layer, "symbols", {}))
    words = own_text(layer, "words", LAYER)
    return Step(type(layer).__name__, words, (Line(text),) if equation else ())


def _preprocessing(name: str, layer: Any, wired: Any, x: str, z: str) -> Step:
    """A step in front of the units."""
    equation = own_text(layer, "equation", LAYER)
    lines = (Line(_renamed(equation, x, z)),) if equation else ()
    branches = _branches(wired) if isinstance(wired, WiredBranches) else ()
    words = own_text(layer, "words", LAYER)
    return Step(f"{name} ({type(layer).__name__})", words, lines, branches)


def _branches(wired: Any) -> tuple[str, ...]:
    """Each branch in a line: how many columns go into which steps, what comes out."""
    return tuple(
        f"{chain.n_inputs} → {_steps_of(chain)}{chain.inputs.n_outputs}"
        for chain in wired.chains
    )


def _steps_of(chain: Chain) -> str:
    texts = []
    for (name, _), wired in zip(chain.steps, chain.wired, strict=True):
        inner = isinstance(wired, WiredBranches)
        texts.append(f"{name} [{'; '.join(_branches(wired))}]" if inner else name)
    return "".join(f"{text} → " for text in texts)


def _backward(network: Any, symbol: str, x: str) -> tuple[str, list[Line], list[Line]]:
    """The rule in words, lines of its equations, and what relevances sum to."""
    rule = network.rule
    if rule is None:
        return "", [], []
    words = own_text(rule, "words", RULE)
    title = ": ".join(filter(None, [f'by rule "{rule.name}"', words]))
    known = own_text(rule, "equations", RULE)
    texts = [text for text in known(network) if text] if known else []
    if texts:
        shown = rule.symbols(network).items()
        used = {name: v for name, v in shown if any(name in text for text in texts)}
        texts[-1] += _numbers(used)
    if any("C_k" in text for text in texts) and network.units.parts:
        texts.append(network.units.parts)
    lines = [Line(_renamed(text, x)) for text in texts]
    if lines and lines[0].text.startswith(STEPS):
        between = network.middle[::-1]
        lines[1:1] = [Line(HANDED, type(layer).__name__) for layer in between]
    return title, lines, [Line(_sum(network, symbol))]


def _sum(network: Any, symbol: str) -> str:
    """What the relevances sum to."""
    keeps = own_text(network.rule, "keeps", RULE)
    known = keeps and not network.middle and own_text(network.pooling, "words", LAYER)
    kept = keeps(network) if known else "see Explanation.residual"
    return f"Σ_i R_i = {symbol}" + (f" less the residual: {kept}" if kept else "")


def _numbers(symbols: Any) -> str:
    """Numbers of a layer or rule, as the end of its equation."""
    return "".join(f",  {name} = {_short(value)}" for name, value in symbols.items())


def _short(value: Any) -> str:
    return value if isinstance(value, str) else f"{float(value):.4g}".replace("-", "−")


def _renamed(equation: str, x: str, z: str = "z") -> str:
    """An equation of x, and of its outputs z, by other names of these."""
    names = {"x": x, "z": z}
    return re.sub(
        r"(?<![A-Za-z])[xz](?![A-Za-z])", lambda found: names[found[0]], equation
    )
