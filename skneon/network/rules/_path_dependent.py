# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
r"""Path-dependent TreeSHAP of isolation forests.

The Shapley values of the game in which a split by a column that is left out sends the
row to both sides, in proportion to their rows of the fit,

.. math:: s_S(u) = \sum_v \frac{n_v}{n_u} [g_v + s_S(v)]

(Lundberg, Erion, Lee 2018, "Consistent individualized feature attribution for tree
ensembles"). v(empty) is the mean over the rows of the fit, and the columns share what a
row has beyond it. This is what `shap.TreeExplainer` gives by default, of the depth and
with the other sign.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

from skneon.network.rules._game_rule import GameRule
from skneon.network.rules._registry import register_rule
from skneon.network.rules._shapley import VALUE


@register_rule
@dataclass(frozen=True)
class PathDependent(GameRule):
    """For comparison with shap: what a row has beyond the mean of the fit."""

    words: ClassVar[str] = "what a row has beyond the mean over the rows of the fit"
    name: ClassVar[str] = "path"
    explains: ClassVar[frozenset[str]] = frozenset({"isolation"})
    needs: ClassVar[tuple[str, ...]] = ("path_shares",)

    def equations(self, network: Any) -> tuple[str, ...]:
        """The value, and the game that is played."""
        return VALUE, str(network.units.marginal.equation)
