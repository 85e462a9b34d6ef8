# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""A neuralized model as people see it: in short, and as a diagram."""

from dataclasses import replace
from typing import Any

from skneon.explanation._text import score_name
from skneon.network import Network
from skneon.network._diagram import Diagram, Line, diagram_of
from skneon.network._diagram_html import diagram_html
from skneon.network._diagram_text import diagram_text
from skneon.network._network import layer_names

# of a single cluster
ALONE = "R_i = 0: without a rival f is infinite, and there is nothing to share"


class Drawn:
    """What `NeuralizedModel` shows of its network."""

    model: Any
    network: Network
    target: str

    def __repr__(self) -> str:
        layers = layer_names(self.network.layers)
        return f"<{type(self).__name__} of {type(self.model).__name__}: {layers}>"

    def diagram(self) -> str:
        """The network as text: layers, shapes, equations, and how relevance goes back.

        From the columns to the score, with the steps of a Pipeline, and back by the
        rule, with what the relevances sum to. Notebooks show it in HTML.

        Returns
        -------
        text : str
            Lines of at most 80 characters.

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> from sklearn.pipeline import make_pipeline
        >>> from sklearn.preprocessing import StandardScaler
        >>> from skneon import NeonKDE, neuralize
        >>> model = make_pipeline(StandardScaler(), NeonKDE(gamma=0.5))
        >>> print(neuralize(model.fit(load_iris().data)).diagram())
        Pipeline: standardscaler → neonkde
        <BLANKLINE>
               4  columns x
                  │  standardscaler (ColumnWise): each output is made of one column
                  │    z_j = a_j x_i + b_j,  i the parent of j
               4  inputs z
                  │  SquaredDistance: the squared distance to each support point
                  │    h_k = ‖z − u_k‖²
             150  units h
                  │  LogMeanExp: the soft minimum of the units
                  │    o = −1/γ log Σ_k π_k exp(−γ h_k),  γ = 0.5
               1  score o: outlierness
        <BLANKLINE>
        Relevance goes back by rule "integrated": parts averaged on the way from nothing
            to the whole
            R_k = h_k ∫₀¹ p_k(s) ds,  p_k(s) ∝ π_k exp(−s γ h_k)
            R_i = Σ_k R_k C_ki / Σ_j C_kj
            C_ki = (z_i − u_ki)²
            standardscaler: the outputs of a column count together, as column i
            Σ_i R_i = o
        """
        return diagram_text(self._diagram())

    def _repr_html_(self) -> str:
        return diagram_html(self._diagram())

    def _diagram(self) -> Diagram:
        clusters = self.target == "cluster"
        score = "evidence for a cluster c" if clusters else score_name(self.target)
        found = diagram_of(self.network, _title(self.model), score)
        if clusters and getattr(self, "n_clusters", None) == 1:
            return replace(found, backward=(Line(ALONE),))
        return found


def _title(model: Any) -> str:
    """Name of the model, of a Pipeline its steps'."""
    steps = getattr(model, "steps", None)
    name = type(model).__name__
    if not steps:
        return name
    return f"{name}: {' → '.join(step for step, _ in steps)}"
