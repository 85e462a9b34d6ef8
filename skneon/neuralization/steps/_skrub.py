# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Layers of skrub's transformers, which say themselves what each output is made of.

They are read by their attributes, without skrub.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from skneon._frames import first_places
from skneon.network import Branches, ColumnWise, PreprocessingLayer
from skneon.network.numerics._table_cells import unknown
from skneon.network.numerics._types import Array
from skneon.neuralization.steps._transformers import input_names, n_columns_of

# gives the layers of a named step
LayersOf = Callable[[str, Any], list[tuple[str, PreprocessingLayer]]]


def skrub_layer(step: Any, layers_of: LayersOf) -> PreprocessingLayer | None:
    """The layer of a fitted transformer of skrub.

    Parameters
    ----------
    step : transformer
    layers_of : callable
        Gives the layers of what is inside.

    Returns
    -------
    layer : PreprocessingLayer, or None
        None where it is not skrub's, or does not say what its outputs are made of.
    """
    if type(step).__module__.partition(".")[0] != "skrub":
        return None
    names = input_names(step)
    if hasattr(step, "transformer_") and hasattr(step, "created_outputs_"):
        return _on_some_columns(step, layers_of)
    if hasattr(step, "all_outputs_") and names is not None:
        places = first_places(names)
        made_of = getattr(step, "output_to_input_", {})
        parents = [places[made_of.get(name, name)] for name in step.all_outputs_]
        return ColumnWise(step.transform, parents, _restored(step, parents, layers_of))
    if type(step).__name__ == "SquashingScaler":
        return ColumnWise(step.transform, np.arange(n_columns_of(step)))
    return None


def _on_some_columns(step: Any, layers_of: LayersOf) -> Branches:
    """A transformer on some columns, behind those that it leaves as they are."""
    names = np.array(step.feature_names_in_, dtype=object)
    places = first_places(names)
    created = set(step.created_outputs_)
    kept = [places[name] for name in step.all_outputs_ if name not in created]
    used = [places[name] for name in step.used_inputs_]
    inside = layers_of("transformer", step.transformer_)
    branches = [(np.array(kept, dtype=int), []), (np.array(used), inside)]
    branches = [(columns, steps) for columns, steps in branches if len(columns)]
    return Branches(step.transform, branches, names)


def _restored(
    step: Any, parents: list[int], layers_of: LayersOf
) -> Callable[[Array], Array]:
    """Values of the columns whose transformers are known, or do nothing."""
    names = input_names(step)
    assert names is not None
    blocks: dict[int, list[int]] = {}
    for output, parent in enumerate(parents):
        blocks.setdefault(parent, []).append(output)
    ways = {parent: _way_back(step, names[parent], layers_of) for parent in blocks}

    def restore(R: Array) -> Array:
        out = unknown(len(R), len(names))
        for parent, way in ways.items():
            if way is not None:
                out[:, [parent]] = way(R[:, blocks[parent]])
        return out

    return restore


def _way_back(
    step: Any, name: Any, layers_of: LayersOf
) -> Callable[[Array], Array] | None:
    """From what is made of one column to its values; None: not known."""
    transformer = getattr(step, "transformers_", {}).get(name)
    if transformer is None or type(transformer).__name__ in ("PassThrough", "ToFloat"):
        numeric = getattr(step, "column_to_kind_", {}).get(name) == "numeric"
        return (lambda R: R) if numeric or not hasattr(step, "transformers_") else None
    try:
        ((_, layer),) = layers_of("transformer", transformer)
    except TypeError:
        return None
    way: Callable[[Array], Array] | None = getattr(layer, "restore", None)
    return way
