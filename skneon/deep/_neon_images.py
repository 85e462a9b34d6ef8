# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Models of a network's activations at every location of an image."""

import numpy as np
from sklearn.base import BaseEstimator, clone
from sklearn.utils.validation import check_is_fitted

from skneon._kde import NeonKDE
from skneon._validation import unchanged_on_failure
from skneon._version import __version__
from skneon.deep._image_explanation import ImageExplanation
from skneon.deep._locations import as_images, as_map, as_output
from skneon.deep._passes import Passes
from skneon.deep._propagation import resolve_composite
from skneon.deep._rescaled import with_fixed_norm
from skneon.neuralization import neuralize

RULE = "activation"
# parameters that a fitted model cannot change
FIXED = ("module", "layer", "preprocess")


class NeonImages(BaseEstimator):
    r"""Outliers, inliers and clusters among the locations of images, explained.

    A layer of a network describes every location of an image by its activations a.
    A kernel density estimate or k-means of these says which locations are unusual, or
    belong together; `explain` shares that among the activations (chapter, appendix A)
    and carries it down to the pixels by layer-wise relevance propagation (zennit).
    (Chapter #5.2.)

    Parameters
    ----------
    module : torch.nn.Module
        Runs on its own device and in its own precision. It is put into evaluation mode
        for the time of a call; parameters, gradients, modes and hooks are left as they
        were.
    layer : str
        Name of the submodule whose output is taken, as ``named_modules()`` gives it;
        of shape (n, C, h, w), or (n, C) for a description of the whole image. Its
        values must not be negative: take a ReLU, or a block that ends with one.
    estimator : estimator or None, default=None
        NeonKDE, NeonKMeans or another that takes rule "activation".
        A clone of it is fitted to the activations, a row a location. None is
        ``NeonKDE(gamma="nearest")``. Its other parameters count as ever; the rule is
        "activation".
    preprocess : callable or None, default=None
        Makes the module's input of a tensor of images, image by image, without moving
        pixels: scaling, and the like. Relevance is that of its outcome.
    composite : str or zennit.core.Composite, default="EpsilonPlusFlat"
        The rules that carry relevance through the module.
    canonizers : list of zennit.canonizers.Canonizer, or None
        For a composite that is given by name.
    rescale_centroids : bool, default=False
        Whether centroids of NeonKMeans are scaled to their mean norm after the fit, as
        in the chapter. Evidence goes by the direction of activations then. Rows near
        a border may go over to another cluster; ``meta["reassigned"]`` of explanations
        is their share.
    batch_size : int, default=1
        Images that go through the module at a time. More take more memory, and on a
        CPU no less time.

    Attributes
    ----------
    estimator_ : estimator
        Fitted to the activations; with ``rescale_centroids`` the rescaled one.
    layer_shape_ : tuple
        (C, h, w) or (C,) of the images of the fit.
    reassigned_ : float
        Share of the locations that rescaled centroids take to other clusters.

    See Also
    --------
    ImageExplanation : What `explain` returns.
    load_efficientnet_lite0 : A pretrained network that can be installed.

    Notes
    -----
    ``images=None`` stands for the images of the fit, of which a copy is kept. In
    density models each location is then left out of its own model, as in `NeonKDE`:
    one image is enough to find what is unusual in it.

    Padding makes the borders of an image look unusual: leave them out by `border`.

    It has parameters, clones and a repr as scikit-learn's estimators do, but rows are
    images, so it stands in no Pipeline.

    Relevance is taken from a layer to the pixels by ratios of contributions. Where
    biases, padding and stabilisers take part in a layer's output they take their share,
    which `ImageExplanation.pixel_residual` tells. With EfficientNet this is nearly all:
    the map shows where, not how much.

    Examples
    --------
    >>> import torch
    >>> from skneon.deep import NeonImages
    >>> _ = torch.manual_seed(0)
    >>> module = torch.nn.Sequential(
    ...     torch.nn.Conv2d(3, 8, 3, padding=1, bias=False), torch.nn.ReLU()
    ... )
    >>> images = torch.rand(2, 3, 16, 16)
    >>> model = NeonImages(module, layer="1").fit(images)
    >>> model.score_locations().shape
    (2, 16, 16)
    """

    def __init__(
        self,
        module,
        layer,
        estimator=None,
        *,
        preprocess=None,
        composite="EpsilonPlusFlat",
        canonizers=None,
        rescale_centroids=False,
        batch_size=1,
    ):
        self.module = module
        self.layer = layer
        self.estimator = estimator
        self.preprocess = preprocess
        self.composite = composite
        self.canonizers = canonizers
        self.rescale_centroids = rescale_centroids
        self.batch_size = batch_size

    def fit(self, images, y=None):
        """Fit the model to the activations at all locations of the images.

        Parameters
        ----------
        images : tensor or array-like of shape (n, C, H, W), or (n, d)
            Of any number type; they are converted to that of the module.
        y : None
            Ignored.

        Returns
        -------
        self : NeonImages

        Raises
        ------
        TypeError
            For a module that is none, images that are no numbers, and an estimator that
            has no rule for activations.
        ValueError
            For an unknown layer, one that gives no tensor, runs several times or not at
            all; for images that the module does not take, and activations that are
            negative or not finite. The model stays as it was.
        """
        with unchanged_on_failure(self):
            # a copy: what happens to the caller's array does not change explanations
            images = as_images(images).clone()
            self._fitted = {name: getattr(self, name) for name in FIXED}
            passes = self._passes()
            passes.check(images)
            rows, shape = passes.activations(images)
            estimator = NeonKDE(gamma="nearest")
            if self.estimator is not None:
                estimator = clone(self.estimator)
            self.estimator_ = fitted = estimator.fit(rows)
            self.reassigned_ = 0.0
            if self.rescale_centroids:
                self.estimator_ = with_fixed_norm(fitted, rows)
                gone = self.estimator_.labels_ != fitted.labels_
                self.reassigned_ = float(np.mean(gone))
            self._check_rule()
            self.layer_shape_ = tuple(shape[1:])
            self._images = images
        return self

    def score_locations(self, images=None, *, target=None, cluster=None, rival=None):
        """What is explained, of each location.

        Parameters
        ----------
        images, target, cluster, rival
            As in `explain`.

        Returns
        -------
        score : ndarray of shape (n, h, w), or (n,) for a layer of vectors
        """
        _, network, rows, shape = self._located(images, target)
        asked = self._asked(network, cluster, rival, shape)
        return as_map(network.forward(rows, **asked), shape)

    def clusters(self, images=None):
        """The cluster of each location.

        Parameters
        ----------
        images : tensor or array-like, default=None
            As in `explain`.

        Returns
        -------
        clusters : ndarray of int, shape (n, h, w), or (n,) for a layer of vectors

        Raises
        ------
        TypeError
            For a model that has no clusters.
        """
        _, network, rows, shape = self._located(images, None)
        self._check_clusters(network)
        data, query = network.rows(rows)
        clusters = query.cluster
        if clusters is None:
            clusters = network.network.nearest(data)
        return as_map(network.target_of(clusters), shape)

    def explain(
        self,
        images=None,
        *,
        target=None,
        cluster=None,
        rival=None,
        where=None,
        border=0,
    ):
        """Relevance of the activations, and of the pixels.

        Parameters
        ----------
        images : tensor or array-like of shape (n, C, H, W), or (n, d), default=None
            None: the images of the fit; in density models each location is left out of
            its own model.
        target : {"outlier", "inlier"} or None, default=None
            For density models; None is "outlier".
        cluster, rival : int or array-like of int, (n, h, w) or (n,), default=None
            For clusterings: the cluster that is asked about, and the one to compare
            it with. None: the one that a location is assigned to, and all others.
        where : array-like of bool, (n, h, w) or (n,), default=None
            The locations whose relevance is carried to the pixels; None: all. To see
            what speaks for one cluster, ``where=model.clusters() == 2``.
        border : int, default=0
            Number of the outermost locations, at each edge, that are left out of
            `where`; of feature maps alone.

        Returns
        -------
        explanation : ImageExplanation

        Raises
        ------
        NotFittedError
            Before `fit`.
        ImportError
            Where zennit cannot be imported.
        TypeError, ValueError
            As `fit`; for a target or cluster that the model does not know, a composite
            that is unknown or diverges, and a mask of another shape.
        """
        check_is_fitted(self, "estimator_")
        composite = resolve_composite(self.composite, self.canonizers)
        images, network, rows, shape = self._located(images, target)
        mask = _inside(_mask(where, (shape[0], *shape[2:])), border)
        asked = self._asked(network, cluster, rival, shape)
        explanation = network.explain(rows, **asked)
        chosen = np.where(mask.ravel()[:, None], explanation.relevance, 0.0)
        layer_relevance = as_output(chosen, shape)
        relevance = self._passes().pixels(images, layer_relevance, composite)
        target = explanation.target
        carried = layer_relevance.reshape(shape[0], -1).sum(axis=1)
        total = relevance.reshape(shape[0], -1).sum(axis=1)
        return ImageExplanation(
            relevance=relevance,
            score=as_map(explanation.score, shape),
            layer_relevance=layer_relevance,
            layer_residual=np.where(mask, as_map(explanation.residual, shape), 0.0),
            pixel_residual=carried - total,
            where=mask,
            target=target if isinstance(target, str) else as_map(target, shape),
            images=images.cpu().numpy(),
            meta={
                "module": type(self.module).__name__,
                "layer": self.layer,
                "composite": type(composite).__name__,
                "reassigned": self.reassigned_,
                "skneon_version": __version__,
                **explanation.meta,
            },
        )

    def _passes(self):
        """The passes of the fit, in batches of today's size."""
        for name, value in self._fitted.items():
            if getattr(self, name) is not value and getattr(self, name) != value:
                raise ValueError(f"{name} was changed after the fit: fit again.")
        return Passes(**self._fitted, batch_size=self.batch_size)

    def _check_rule(self):
        try:
            neuralize(self.estimator_, rule=RULE)
        except (TypeError, ValueError) as error:
            name = type(self.estimator_).__name__
            raise TypeError(f"{name} has no rule for activations: {error}") from error

    def _located(self, images, target):
        """Images, the network of the model, its rows or None, and the layer's shape."""
        check_is_fitted(self, "estimator_")
        passes, own = self._passes(), images is None
        images = self._images if own else as_images(images)
        network = self._network(target)
        if own and network.keeps_rows:
            return images, network, None, (len(images), *self.layer_shape_)
        rows, shape = passes.activations(images)
        if shape[1] != self.layer_shape_[0]:
            raise ValueError(
                f"Layer {self.layer!r} gives {shape[1]} channels for these images, and "
                f"gave {self.layer_shape_[0]} for those of the fit."
            )
        return images, network, rows, shape

    def _network(self, target):
        network = neuralize(self.estimator_, rule=RULE)
        if target is None:
            return network
        if "cluster" in network.questions:
            name = type(self.estimator_).__name__
            raise TypeError(f"{name} explains clusters, and takes no target.")
        return neuralize(self.estimator_, rule=RULE, target=target)

    def _asked(self, network, cluster, rival, shape):
        """Questions about clusters, a value a location."""
        asked = {}
        locations = (shape[0], *shape[2:])
        for name, value in {"cluster": cluster, "rival": rival}.items():
            if value is None:
                continue
            self._check_clusters(network)
            value = np.asarray(value)
            if value.shape not in [(), locations]:
                raise ValueError(
                    f"{name} must be an int, or an array of shape {locations}; got one "
                    f"of shape {value.shape}."
                )
            asked[name] = value.ravel() if value.shape else value.item()
        return asked

    def _check_clusters(self, network):
        if "cluster" not in network.questions:
            name = type(self.estimator_).__name__
            raise TypeError(f"{name} has no clusters: take NeonKMeans as estimator.")


def _mask(where, locations):
    """`where` as an array of bool of the shape of the locations."""
    if where is None:
        return np.ones(locations, dtype=bool)
    mask = np.asarray(where)
    if mask.dtype != bool or mask.shape != locations:
        raise ValueError(
            f"where must be an array of bool of shape {locations}, a value a location; "
            f"got {mask.dtype} of shape {mask.shape}."
        )
    return mask


def _inside(mask, border):
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
