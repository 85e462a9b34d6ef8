# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""A neuralized model: layers that compute its score, a rule that carries it back."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from sklearn import get_config
from sklearn.utils import gen_batches

from skneon.network._diagram import diagram_of
from skneon.network._diagram_html import diagram_html
from skneon.network._diagram_text import diagram_text
from skneon.network._query import Query
from skneon.network.engines._chunks import in_parallel
from skneon.network.engines._engine import Engine
from skneon.network.engines._engine_for import engine_for
from skneon.network.engines._layerwise import rows_in_cache
from skneon.network.engines._propagation import Propagation
from skneon.network.engines._sparse_rows import SparsePropagation, SparseRows
from skneon.network.engines.pruned import Search
from skneon.network.layers._chain import Chain
from skneon.network.layers._inputs import Inputs
from skneon.network.layers._pooling import Pooling
from skneon.network.layers._units import HiddenLayer, Units
from skneon.network.layers._weights import SupportWeights
from skneon.network.numerics._types import Array
from skneon.network.rules._registry import rule_named
from skneon.network.rules._rule import Rule

# how far sums of weights that are 1 may be rounded, in float32 too
NEAR = 1e-3
# beyond so many columns rules of a pass over the columns are taken by default
MANY = 2000


class Network:
    """Layers that compute a model's score, and a rule that carries it to the columns.

    Parameters
    ----------
    units : Units
        Hidden units, connected to the columns that are explained by their `Inputs`.
    pooling : Pooling
        The top layer, whose output is the score.
    rule : str, Rule or None, default=None
        How relevance is handed down; None for a network that only computes scores.
    instead : Rule or None, default=None
        The rule where the units, behind their inputs, refuse `rule`. None: that is an
        error.
    wide : Rule or None, default=None
        The rule for more than `MANY` columns, where `rule` was not asked for.
    middle : sequence of HiddenLayer, default=()
        Further layers between the units and the pooling, from bottom to top.
    preprocessing : Chain or None, default=None
        Steps in front of the units, wired to the columns. Rows that the network is
        given have been through them.
    search : Search or None, default=None
        How support points are found that count, where some may be left out.
    n_jobs : int or None, default=None
        Threads that share the rows, or workers of the backend that joblib's
        ``parallel_config`` names.
    verbose : int or bool, default=0
        Whether to show how many rows are done.
    dtype : dtype, default=float64
        Of the results.

    Raises
    ------
    TypeError
        Where the rule needs what the units or the pooling do not have.
        For layers that are no units, pooling or hidden layers.
    ValueError
        Where the pooling has weights of another number of units, or of another sum.
        Where the rule's stiffness is a word and not yet a number.
        Where the units refuse it: it leaves columns out, and behind their inputs they
        cannot.
    """

    def __init__(
        self,
        units: Units,
        pooling: Pooling,
        rule: str | Rule | None = None,
        *,
        instead: Rule | None = None,
        wide: Rule | None = None,
        middle: Sequence[HiddenLayer] = (),
        preprocessing: Chain | None = None,
        search: Search | None = None,
        n_jobs: int | None = None,
        verbose: int | bool = 0,
        dtype: Any = np.float64,
    ) -> None:
        check_layers(units, middle, pooling)
        rule = None if rule is None else rule_named(rule)
        self.instead = instead
        self.wide = wide
        self._usual = rule
        if wide is not None and units.inputs.n_columns > MANY:
            rule = wide
        if rule is not None:
            if instead is not None and units.refuses(rule):
                rule = instead
            check_rule(rule, units, pooling)
            rule = rule.connected(units.inputs)
        self.units = units
        self.pooling = pooling
        self.rule = rule
        self.middle = tuple(middle)
        self.preprocessing = preprocessing
        self.search = search
        self.n_jobs = n_jobs
        self.verbose = verbose
        self.dtype = np.dtype(dtype)

    def behind(self, preprocessing: Chain) -> "Network":
        """The same network behind steps that are wired to the columns."""
        return self.wired(preprocessing.inputs, preprocessing)

    def wired(self, inputs: Inputs, preprocessing: Chain | None = None) -> "Network":
        """The same network behind other inputs."""
        return Network(
            self.units.through(inputs),
            self.pooling,
            self.rule if self.wide is None else self._usual,
            instead=self.instead,
            wide=self.wide,
            middle=self.middle,
            preprocessing=preprocessing,
            search=self.search,
            n_jobs=self.n_jobs,
            verbose=self.verbose,
            dtype=self.dtype,
        )

    @property
    def layers(self) -> list[Any]:
        """All layers in order: preprocessing, units, those in the middle, pooling."""
        steps = [] if self.preprocessing is None else self.preprocessing.layers
        return [*steps, self.units, *self.middle, self.pooling]

    def __repr__(self) -> str:
        return f"<Network: {layer_names(self.layers)}>"

    def diagram(self, title: str = "", score: str = "") -> str:
        """The layers, what they compute, and how relevance goes back, as text.

        Layers say what they compute in `Units.equation` and the like, and rules by
        `Rule.equations`; of those that do not, the names are shown. Notebooks show it
        in HTML.

        Parameters
        ----------
        title : str, default=""
        score : str, default=""
            What the score is called.

        Returns
        -------
        text : str

        Examples
        --------
        >>> import numpy as np
        >>> from skneon.network import CentroidPairs, Min, Network
        >>> network = Network(CentroidPairs(np.eye(3, 2)), Min())
        >>> print(network.diagram())
               2  columns x
                  │  CentroidPairs: how much nearer the centroid of c is than a rival's
                  │    h_k = ‖x − μ_k‖² − ‖x − μ_c‖² = w_kᵀx + b_k,  w_k = 2 (μ_c − μ_k)
               3  units h
                  │  Min: the least unit
                  │    f = min_k h_k
               1  score f
        """
        return diagram_text(diagram_of(self, title, score))

    def _repr_html_(self) -> str:
        return diagram_html(diagram_of(self))

    @property
    def note(self) -> str | None:
        """What users are to know of the rule here; None where there is nothing."""
        own = None if self.rule is None else self.units.note(self.rule)
        notes = [note for note in (self._unusual, own) if note is not None]
        return "; ".join(notes) or None

    @property
    def _unusual(self) -> str | None:
        """Why the rule is not the usual one; None where it is."""
        if self.wide is None or self.rule is self._usual or self._usual is None:
            return None
        n, rule = self.units.inputs.n_columns, self.wide
        if n <= MANY:
            return None
        return (
            f"rule {rule.name!r} for {n} columns, which takes a fraction of the time "
            f"that rule={self._usual.name!r} takes"
        )

    @property
    def reference_name(self) -> str:
        """What the reference of its explanations is."""
        if self.rule is None:
            return str(self.units.reference_name)
        return self.rule.reference_name(self.units)

    def activate(self, X: Any, query: Query) -> Array:
        """Forward pass on clean arrays: the score of each row, shape (n,)."""
        engine = engine_for(self, X, query, explain=False)
        results = in_parallel(
            engine.score, X.shape[0], engine.rows_at_a_time, self.n_jobs, self.verbose
        )
        return np.asarray(self._finished(engine, results)["score"])

    def propagate(self, X: Any, query: Query) -> Propagation:
        """Forward and backward pass on clean arrays."""
        engine = engine_for(self, X, query)
        results = in_parallel(
            engine.explain, X.shape[0], engine.rows_at_a_time, self.n_jobs, self.verbose
        )
        return Propagation(**self._finished(engine, results))

    def propagate_sparse(self, X: Any, query: Query) -> SparsePropagation | None:
        """As `propagate` on sparse rows, where relevances need not be filled up.

        None where they must: for other layers and rules than `SparseRows` takes.
        """
        engine = SparseRows.of(self, X, query)
        if engine is None:
            return None
        results = in_parallel(
            engine.explain, X.shape[0], engine.rows_at_a_time, self.n_jobs, self.verbose
        )
        return engine.finished(results)

    def _finished(self, engine: Engine, results: dict[str, Any]) -> dict[str, Any]:
        """Results in the order in which the rows came, floats of the right dtype."""
        back = None if engine.order is None else np.argsort(engine.order)
        for name, values in results.items():
            if values is not None:
                values = values if back is None else values[back]
                floats = values.dtype.kind == "f"
                results[name] = held(values, self.dtype) if floats else values
        return results

    def nearest(self, X: Any) -> Array:
        """Numbers of the clusters that rows are nearest to, shape (n,)."""
        size = rows_in_cache(self.units.width, X.shape[1], self.n_jobs)
        function = partial(_nearest, self.units, X)
        results = in_parallel(function, X.shape[0], size, self.n_jobs)
        return np.asarray(results["cluster"])

    def answered(self, X: Any, query: Query) -> Query:
        """The query, with what it leaves open: see `Units.answered`."""
        size = rows_in_cache(self.units.width, X.shape[1], self.n_jobs)
        function = partial(_answered, self.units, X, query)
        results = in_parallel(function, X.shape[0], size, self.n_jobs)
        return replace(query, **results)

    def coalition_scores(self, X: Array, query: Query, masks: Array) -> Array:
        """v(S) of each coalition S of columns for one row: the game of this network.

        The units say what they are without the other columns, and the pooling what the
        score is then; v(empty) = 0. See `Units.coalitions` and
        `Pooling.coalition_scores`.

        Parameters
        ----------
        X : ndarray of shape (1, d)
        query : Query
            Of that row.
        masks : ndarray of shape (M, d)
            Coalitions as rows of zeros and ones.

        Returns
        -------
        scores : ndarray of shape (M,)
        """
        units, pooling = self.units.in_game(self.pooling)
        memory = get_config()["working_memory"] * 2**20
        size = max(1, int(memory // (8 * 8 * units.width)))
        scores = np.zeros(len(masks))
        for some in gen_batches(len(masks), size):
            H = units.coalitions(X, query, masks[some])
            each = query[np.zeros(len(H), dtype=int)]
            for layer in self.middle:
                H = layer.forward(H, each)
            scores[some] = pooling.coalition_scores(H, each, masks[some])
        scores[~masks.any(axis=1)] = 0.0
        return scores


def layer_names(layers: Sequence[Any]) -> str:
    """Names of the classes of layers, in a row."""
    return ", ".join(type(layer).__name__ for layer in layers)


def _nearest(units: Any, X: Any, rows: slice, scratch: Any, out: Any) -> dict[str, Any]:
    return {"cluster": units.nearest(X[rows])}


def _answered(
    units: Any, X: Any, query: Query, rows: slice, scratch: Any, out: Any
) -> dict[str, Any]:
    found = units.answered(X[rows], query[rows])
    return {"cluster": found.cluster, "rival": found.rival}


def check_layers(units: Any, middle: Sequence[Any], pooling: Any) -> None:
    """Refuse layers that are not of their kind, or do not go together.

    Raises
    ------
    TypeError, ValueError
    """
    for what, layer, kind in (("units", units, Units), ("pooling", pooling, Pooling)):
        if not isinstance(layer, kind):
            raise TypeError(
                f"{what} of a network must be a subclass of {kind.__name__}, got "
                f"{layer!r}: Network(units, pooling, rule)."
            )
    if not isinstance(middle, Sequence):
        raise TypeError(f"middle must be a list of layers, got {middle!r}.")
    for layer in middle:
        if not (hasattr(layer, "forward") and hasattr(layer, "backward")):
            raise TypeError(f"{layer!r} in the middle has no forward and backward.")
    weighting = getattr(pooling, "support_weights", None)
    if type(weighting) is not SupportWeights:
        return
    support, weights = getattr(units, "support", None), weighting.weights
    if abs(weights.sum(dtype=float) - 1) > NEAR:
        raise ValueError(
            f"The weights of {type(pooling).__name__} sum to {weights.sum():.6g}: "
            "divide them by their sum."
        )
    if not middle and support is not None and len(support) != len(weights):
        raise ValueError(
            f"{type(pooling).__name__} has {len(weights)} weights, and "
            f"{type(units).__name__} {len(support)} support points."
        )


def check_rule(rule: Rule, units: Any, pooling: Any) -> None:
    """Refuse a rule that needs what these layers do not have.

    Raises
    ------
    TypeError
        It names the layer and what it lacks.
    ValueError
        For a stiffness that is a word, which `Rule.bound` replaces by a number.
        Where it leaves columns out of units that are defined with all of them alone.
    """
    for layer, needs in ((units, rule.needs), (pooling, rule.pooling_needs)):
        lacking = [name for name in needs if not hasattr(layer, name)]
        if lacking:
            raise TypeError(
                f"Rule {rule.name!r} does not fit this network: "
                f"{type(layer).__name__} has no {', '.join(lacking)}."
            )
    refused = units.refuses(rule)
    if refused:
        raise ValueError(refused)
    beta = getattr(rule, "beta", None)
    if isinstance(beta, str):
        raise ValueError(
            f"{rule!r}: beta={beta!r} stands for a number that the model gives. Pass a "
            "number, or rule.bound(Scales(...))."
        )


def held(values: Array, dtype: Any) -> Array:
    """Values in another precision.

    Raises
    ------
    ValueError
        Where that has no such numbers.
    """
    if values.dtype == dtype:
        return values
    with np.errstate(over="ignore"):
        cast: Array = values.astype(dtype, copy=False)
    lost = np.isinf(cast) & np.isfinite(values)
    if lost.any():
        raise ValueError(
            f"Explanations reach {np.abs(values[lost]).max():.3g}, more than "
            f"{np.dtype(dtype)} holds, in which the model was fitted: fit it to "
            "float64, or scale the rows."
        )
    return cast
