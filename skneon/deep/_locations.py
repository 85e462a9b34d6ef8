# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Feature maps as rows, one per location, and back; images as a module takes them."""

import warnings
from typing import Any

import numpy as np
import torch

from skneon.network.numerics._types import Array

# number types of arrays whose memory torch can share
SHARED = ("uint8", "float32", "float64")


def as_images(images: Any) -> torch.Tensor:
    """Images as a tensor that shares their memory where it can.

    Parameters
    ----------
    images : tensor or array-like of shape (n, C, H, W), or (n, d) for plain vectors

    Returns
    -------
    images : tensor
        Of any number type.

    Raises
    ------
    TypeError
        For what is no array of numbers.
    ValueError
        For another shape, no images, and values that are not finite.
    """
    if not isinstance(images, torch.Tensor):
        images = torch.from_numpy(shareable(images))
    images = images.detach()
    if images.is_complex() or images.layout != torch.strided:
        raise TypeError(
            f"images must be dense and real, got {images.dtype}, {images.layout}."
        )
    if images.dtype == torch.bfloat16:
        # which NumPy does not have
        images = images.float()
    if images.ndim not in (2, 4):
        hint = " For one image pass images[None]." if images.ndim == 3 else ""
        raise ValueError(
            "images must have the shape (n, channels, height, width), or (n, d) for "
            f"inputs that are no images; got {tuple(images.shape)}.{hint}"
        )
    if not images.numel():
        raise ValueError(f"There are no images in an array of {tuple(images.shape)}.")
    if images.is_floating_point() and not torch.isfinite(images).all():
        bad = torch.nonzero(~torch.isfinite(images))[0].tolist()
        raise ValueError(f"images hold NaN or an infinity, first at {bad}.")
    tensor: torch.Tensor = images
    return tensor


def shareable(images: Any) -> Array:
    """Images as an array whose memory torch takes: a copy only where it must be."""
    try:
        if isinstance(images, list | tuple):
            images = [np.asarray(image) for image in images]
        with warnings.catch_warnings():
            # by which NumPy 1.23 tells that shapes differ
            warnings.simplefilter("error")
            array = np.asarray(images)
    except (ValueError, RuntimeError, Warning) as error:
        raise TypeError(
            f"images must be a tensor or an array of numbers, of one shape: {error}"
        ) from error
    if array.dtype.kind not in "biuf":
        raise TypeError(
            "images must be a tensor or an array of numbers, of one shape; got "
            f"{type(images).__name__} that gives {array.dtype}."
        )
    if array.dtype.name not in SHARED or not array.dtype.isnative:
        return array.astype(np.float64)
    # torch takes neither negative strides, nor those between whole numbers, nor memory
    # that must not be written to
    whole = all(step >= 0 == step % array.itemsize for step in array.strides)
    return array if whole and array.flags.writeable else array.copy()


def as_rows(output: torch.Tensor) -> Array:
    """Activations of each location as a row of float64, shape (n h w, C)."""
    output = output.detach().to("cpu", torch.float64)
    if output.ndim == 4:
        output = output.permute(0, 2, 3, 1).reshape(-1, output.shape[1])
    return output.contiguous().numpy()


def as_map(values: Array, shape: tuple[int, ...]) -> Array:
    """A value a location, shape (n h w,), by location: (n, h, w) or (n,)."""
    n, _, *rest = shape
    return values.reshape(n, *rest)


def as_output(rows: Array, shape: tuple[int, ...]) -> Array:
    """Rows of locations, (n h w, C), in the shape of the layer's output."""
    n, channels, *rest = shape
    if not rest:
        return rows
    moved = np.moveaxis(rows.reshape(n, *rest, channels), -1, 1)
    return np.ascontiguousarray(moved)


def chosen_locations(where: Any, locations: tuple[int, ...]) -> Array:
    """`where` as an array of bool of the shape of the locations."""
    if where is None:
        return np.ones(locations, dtype=bool)
    mask = np.asarray(where)
    if mask.dtype != bool or mask.shape != locations:
        raise ValueError(
            f"where must be an array of bool of shape {locations}, one value per "
            f"location; got {mask.dtype} of shape {mask.shape}."
        )
    return mask


def inner_locations(mask: Array, border: int) -> Array:
    """The mask without so many of the outermost locations."""
    if not isinstance(border, int | np.integer) or border < 0:
        raise ValueError(f"border must be an int of at least 0, got {border!r}.")
    if not border:
        return mask
    if mask.ndim < 3 or 2 * border >= min(mask.shape[1:]):
        raise ValueError(
            f"border={border} leaves none of the locations, which have the shape "
            f"{mask.shape[1:]}."
        )
    inside = np.zeros_like(mask)
    inside[:, border:-border, border:-border] = True
    return mask & inside
