# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Passes of images through a module, forward to a layer and back, batch by batch."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from skneon.deep._locations import as_rows
from skneon.deep._modules import (
    check_runs_once,
    evaluating,
    find_layer,
    output_at,
    parameter_like,
    rectifiers_near,
)
from skneon.deep._propagation import relevance_of_inputs
from skneon.network.numerics._types import Array


@dataclass(frozen=True)
class Passes:
    """A module, the layer that is read, and how images are fed to it.

    Parameters
    ----------
    module : torch.nn.Module
    layer : str
    preprocess : callable or None
    batch_size : int
    """

    module: torch.nn.Module
    layer: str
    preprocess: Callable[[torch.Tensor], torch.Tensor] | None
    batch_size: int

    def check(self, images: torch.Tensor) -> None:
        """Refuse a module, layer or preprocess that cannot be what is meant."""
        find_layer(self.module, self.layer)
        if self.preprocess is not None and not callable(self.preprocess):
            raise TypeError(
                "preprocess must be a function of a tensor, or None; got "
                f"{self.preprocess!r}."
            )
        with torch.no_grad(), evaluating(self.module):
            check_runs_once(self.module, self.layer, self.inputs(images[:1]))

    def inputs(self, images: torch.Tensor) -> torch.Tensor:
        """A batch as the module takes it."""
        device, dtype = parameter_like(self.module)
        # a copy: preprocess, and the module, may work in place
        inputs = images.to(device, dtype, copy=True)
        if self.preprocess is None:
            return inputs
        inputs = self.preprocess(inputs)
        fits = isinstance(inputs, torch.Tensor) and inputs.ndim == images.ndim
        # all but the number of channels
        if not fits or inputs[:, 0].shape != images[:, 0].shape:
            given = tuple(getattr(inputs, "shape", ())) or type(inputs).__name__
            raise ValueError(
                f"preprocess made {given} of images of {tuple(images.shape)}: it must "
                "give a tensor with the same images and pixels."
            )
        return inputs.to(device, dtype)

    def batches(self, images: torch.Tensor) -> Sequence[torch.Tensor]:
        """The images, as many at a time as go through together."""
        size = self.batch_size
        if not isinstance(size, int | np.integer) or size < 1:
            raise ValueError(f"batch_size must be an int of at least 1, got {size!r}.")
        return torch.split(images, int(size))

    def activations(self, images: torch.Tensor) -> tuple[Array, tuple[int, ...]]:
        """Rows of all locations, and the shape of the layer's output."""
        parts = []
        with torch.no_grad(), evaluating(self.module):
            for batch in self.batches(images):
                output = output_at(self.module, self.layer, self.inputs(batch))
                parts.append(output.cpu())
        output = torch.cat(parts)
        rows = as_rows(output)
        if not np.isfinite(rows).all():
            raise ValueError(
                f"Layer {self.layer!r} gives values that are not finite: are the "
                "images scaled as the module expects them (preprocess)?"
            )
        if rows.min() < 0:
            raise ValueError(
                f"Layer {self.layer!r} gives negative values (the least is "
                f"{rows.min():.3g}), but relevance can be carried on by activations "
                "only, which are not: take the output of a ReLU"
                f"{rectifiers_near(self.module, self.layer)}."
            )
        return rows, tuple(output.shape)

    def pixels(
        self, images: torch.Tensor, layer_relevance: Array, composite: Any
    ) -> Array:
        """Relevance of the pixels, summed over the colours."""
        parts = []
        relevance = torch.from_numpy(layer_relevance)
        batches = zip(self.batches(images), self.batches(relevance), strict=True)
        for batch, carried in batches:
            of_inputs = relevance_of_inputs(
                self.module, self.layer, self.inputs(batch), carried, composite
            )
            of_inputs = of_inputs.to("cpu", torch.float64)
            parts.append(of_inputs.sum(dim=1) if of_inputs.ndim == 4 else of_inputs)
        return torch.cat(parts).numpy()
