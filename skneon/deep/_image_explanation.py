# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What explaining images gives: relevance at the layer and at the pixels."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from operator import index as as_integer
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.ndimage import gaussian_filter

from skneon._validation import import_optional
from skneon.explanation._freeze import freeze
from skneon.network.numerics._types import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROW_FIELDS = (
    "relevance", "score", "layer_relevance", "layer_residual", "pixel_residual",
    "where", "target", "images",
)  # fmt: skip
# share of the pixels whose relevance is within the colours of a plot
WITHIN = 0.995


@dataclass(frozen=True, eq=False, repr=False)
class ImageExplanation:
    """Relevances of n images, at a layer and at the pixels, and what is lost between.

    Every location of the layer has a score. By definition, over the locations that are
    explained (`where`),

    - ``layer_relevance.sum(axis=1) + layer_residual == score``, location by location;
    - ``relevance.sum((1, 2)) + pixel_residual`` is the sum of ``layer_relevance``,
      image by image.

    Parameters
    ----------
    relevance : ndarray of shape (n, H, W), or (n, d)
        Of the pixels, summed over the colours; or of d inputs that are no images.
    score : ndarray of shape (n, h, w), or (n,) for a layer of vectors
        Of the locations: outlierness or cluster evidence in squared units of the
        activations, or inlierness.
    layer_relevance : ndarray of shape (n, C, h, w) or (n, C)
        Of the activations; 0 where an activation is 0, and at locations that are not
        explained.
    layer_residual : ndarray of the shape of `score`
        What activations cannot carry; 0 at locations that are not explained.
    pixel_residual : ndarray of shape (n,)
        What is lost, or comes in, between the layer and the pixels: biases, padding,
        and stabilisers take their share.
    where : ndarray of bool, of the shape of `score`
        The locations whose relevance was carried to the pixels.
    target : str or ndarray of int, of the shape of `score`
        "outlier" or "inlier", or the clusters whose evidence is explained.
    images : ndarray of shape (n, C, H, W) or (n, d)
        As they were given.
    meta : dict that cannot be written to
        Module, layer, composite, and the settings of the model.
    """

    relevance: Array
    score: Array
    layer_relevance: Array
    layer_residual: Array
    pixel_residual: Array
    where: Array
    target: str | Array
    images: Array
    meta: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        freeze(self, (*ROW_FIELDS, "meta"))

    def __getstate__(self) -> dict[str, Any]:
        # a dict that can be written to is what every way of storing knows
        return vars(self) | {"meta": dict(self.meta)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        # arrays of a copy or from a pickle can be written to
        vars(self).update(state)
        freeze(self, (*ROW_FIELDS, "meta"))

    def __len__(self) -> int:
        return len(self.relevance)

    def __repr__(self) -> str:
        target = repr(self.target) if isinstance(self.target, str) else "clusters"
        n, *shape = self.relevance.shape
        size = " x ".join(map(str, shape))
        what = "pixels" if len(shape) > 1 else "inputs"
        count = "1 image" if n == 1 else f"{n} images"
        return f"<ImageExplanation of {target}: {count} of {size} {what}>"

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        if copy is False and dtype not in (None, self.relevance.dtype):
            raise ValueError(f"A conversion to {dtype} needs a copy: pass copy=None.")
        convert = np.array if copy else np.asarray
        return convert(self.relevance, dtype=dtype)

    def __getitem__(self, images: Any) -> "ImageExplanation":
        """The explanation of some images: a number, slice, mask or array of numbers."""
        if isinstance(images, tuple) or np.ndim(images) > 1:
            raise TypeError(f"Only images can be chosen, got {images!r}.")
        if not isinstance(images, slice) and np.ndim(images) == 0:
            number = as_integer(images)
            if not -len(self) <= number < len(self):
                raise IndexError(
                    f"Image {number} is out of range for {len(self)} images."
                )
            images = slice(number, number + 1 or None)
        chosen = {name: getattr(self, name) for name in ROW_FIELDS}
        chosen = {k: v[images] for k, v in chosen.items() if isinstance(v, np.ndarray)}
        return replace(self, **chosen)

    def heatmap(self, sigma: float = 6.0) -> Array:
        """Pixel relevance, smoothed by a Gaussian.

        Relevance of single pixels is noisy, and regions are what one looks for.

        Parameters
        ----------
        sigma : float, default=6
            Standard deviation in pixels; 0 does not smooth.

        Returns
        -------
        heatmap : ndarray of shape (n, H, W)
            Beyond the borders counts as 0.

        Raises
        ------
        ValueError
            For inputs that are no images, and a sigma that is negative or infinite.
        """
        if self.relevance.ndim != 3:
            raise ValueError(
                f"Inputs of shape {self.relevance.shape[1:]} are no images: there is "
                "no heat map."
            )
        if not 0 <= sigma < np.inf:
            raise ValueError(f"sigma must be finite and at least 0, got {sigma!r}.")
        # smoothing keeps the sum but for what it carries over the borders
        smooth: Array = gaussian_filter(
            self.relevance, (0, sigma, sigma), mode="constant", truncate=4.0
        )
        return smooth

    def plot(
        self,
        ax: Any = None,
        *,
        sigma: float = 6.0,
        vmax: float | None = None,
        title: str | Sequence[str] | None = None,
    ) -> Array:
        """Heat maps over the grey images: red speaks for the target, blue against it.

        Needs matplotlib.

        Parameters
        ----------
        ax : Axes, array of n Axes, or None, default=None
            None makes a new figure.
        sigma : float, default=6
            As in `heatmap`.
        vmax : float or None, default=None
            Relevance of the darkest red; the blue is that of -vmax. None: what 99.5 %
            of the pixels of all images stay below.
        title : str, list of n str, or None, default=None
            None: the target.

        Returns
        -------
        axes : ndarray of n Axes

        Raises
        ------
        ValueError
            As `heatmap`; for no images, a vmax that is not above 0, and another number
            of Axes or titles than of images.
        """
        pyplot = import_optional("matplotlib.pyplot", "plot")
        maps = self.heatmap(sigma)
        n = len(self)
        if not n:
            raise ValueError("There are no images to plot.")
        if vmax is None:
            # a map without relevance stays grey
            vmax = np.quantile(np.abs(maps), WITHIN) or 1.0
        if not vmax > 0:
            raise ValueError(f"vmax must be above 0, got {vmax!r}.")
        if ax is None:
            height, width = maps.shape[1:]
            size = (4.0 * n, 4.0 * height / width + 0.4)
            _, ax = pyplot.subplots(1, n, figsize=size, layout="constrained")
        axes = np.atleast_1d(np.asarray(ax, dtype=object)).ravel()
        if len(axes) != n:
            raise ValueError(f"ax holds {len(axes)} Axes for {n} images.")
        titles = self._titles() if title is None else title
        titles = [titles] * n if isinstance(titles, str) else titles
        if len(titles) != n:
            raise ValueError(f"title holds {len(titles)} texts for {n} images.")
        for axis, image, values, text in zip(
            axes, self.images, maps, titles, strict=True
        ):
            draw_relevance(axis, grey(image), values, vmax)
            axis.set_title(text)
        return axes

    def _titles(self) -> str | list[str]:
        if isinstance(self.target, str):
            return f"{self.target}ness"
        titles = []
        for clusters, explained in zip(self.target, self.where, strict=True):
            named = np.unique(clusters[explained])
            titles.append(f"cluster {named[0]}" if len(named) == 1 else "clusters")
        return titles


def grey(image: Array) -> Array:
    """An image (C, H, W) as brightness between 0 and 1, shape (H, W)."""
    brightness = image.astype(float).mean(axis=0)
    low, high = brightness.min(), brightness.max()
    between: Array = (brightness - low) / (high - low or 1.0)
    return between


def draw_relevance(
    axis: "Axes", brightness: Array, relevance: Array, vmax: float
) -> None:
    """A heat map over a pale grey image; what is irrelevant stays grey.

    Parameters
    ----------
    axis : Axes
    brightness, relevance : ndarray of shape (H, W)
    vmax : float
    """
    # a range beyond 0 to 1 makes the grey pale, so that no colour hides in it
    axis.imshow(brightness, cmap="gray", vmin=-0.6, vmax=1.3)
    opacity = np.minimum(np.abs(relevance) / vmax, 1.0) ** 0.7
    axis.imshow(relevance, cmap="seismic", vmin=-vmax, vmax=vmax, alpha=0.9 * opacity)
    axis.set_axis_off()
