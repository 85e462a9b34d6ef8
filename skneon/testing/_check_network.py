# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The checks of one network and its rows."""

from collections.abc import Callable, Collection, Iterator
from functools import partial
from typing import Any

import numpy as np

from skneon.network import Units
from skneon.testing import _hidden_laws as hidden_laws
from skneon.testing import _laws as laws
from skneon.testing import _refit_laws as refit_laws
from skneon.testing._check import Check, only
from skneon.testing._refit_laws import Refit
from skneon.testing._subject import Subject

OF_ROWS = {
    "finite": laws.finite,
    "conservation": laws.conservation,
    "subsets": laws.subsets,
    "chunks": laws.chunks,
    "threads": laws.threads,
    "copies": laws.copies,
}
OF_NUMBERS = {"float32": laws.float32, "hostile_rows": laws.hostile_rows}
OF_CHANGES = {
    "unchanged": refit_laws.unchanged,
    "permutation": refit_laws.permutation,
    "translation": refit_laws.translation,
    "scaling": refit_laws.scaling,
}
OF_HIDDEN_LAYERS = {
    "hidden_layers_hand_on": hidden_laws.hidden_layers_hand_on,
    "hidden_layers_follow": hidden_laws.hidden_layers_follow,
}
OTHERS: dict[str, Callable[..., None]] = {
    "passes_agree": laws.passes_agree,
    "equivalence": laws.equivalence,
    "agrees_with_model": laws.agrees_with_model,
    "absent_rows": refit_laws.absent_rows,
}
NETWORK_LAWS = {*OF_ROWS, *OF_NUMBERS, *OF_CHANGES, *OF_HIDDEN_LAYERS, *OTHERS}


def check_network(
    network: Any,
    X: Any,
    *,
    asked: Any = None,
    reference: Any = None,
    refit: Refit | None = None,
    n_training: int | None = None,
    rtol: float = 1e-6,
    without: Collection[str] = (),
    name: str = "",
) -> Iterator[Check]:
    """Yield the checks of a network: what must hold for every model and rule.

    Parameters
    ----------
    network : NeuralizedModel or Network
        What ``neuralize(model)`` gives, or a network by itself, with a rule.
    X : table of shape (n, d)
        Rows that are explained: array, frame or sparse matrix as the model takes them;
        for a `Network` clean floats. No exact ties of clusters.
    asked : dict or Query, default=None
        Questions about the rows, such as ``{"cluster": 0}``; a `Query` for a
        `Network`.
    reference : callable or array-like of shape (n,), default=None
        The scores that the network must give: those of X, or a function of X such as
        ``lambda X: -model.score_samples(X)``. None: the order of rows by the model's
        ``score_samples``, and clusters by its ``predict``, are compared.
    refit : callable, default=None
        Takes a `Change`, and gives the network of the same model fitted to
        ``change.training(X_train)``. Then what becomes of explanations as the data
        change is checked, too.
    n_training : int, default=None
        Number of training rows, for the law ``absent_rows``; None: it is not checked.
    rtol : float, default=1e-6
        To what a model that is fitted again is the same.
    without : collection of str, default=()
        Laws that do not hold here, see the notes of each check's `statement`.
    name : str, default=""
        What the checks are called beside their law.

    Yields
    ------
    check : Check
        Without arguments; raises AssertionError.

    Raises
    ------
    ValueError
        For a law in `without` that there is none of.
    TypeError
        For questions of the wrong type.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.neighbors import KernelDensity
    >>> from skneon import neuralize
    >>> from skneon.testing import check_network
    >>> X = load_iris().data
    >>> model = KernelDensity(bandwidth=0.5).fit(X)
    >>> def refit(change):
    ...     density = KernelDensity(bandwidth=0.5 * change.scale)
    ...     return neuralize(density.fit(change.training(X)))
    >>> checks = check_network(
    ...     neuralize(model), X[::10], refit=refit, n_training=len(X)
    ... )
    >>> for check in checks:
    ...     check()

    In a test module, once for each law:

    >>> from skneon.testing import parametrize_with_checks
    >>> @parametrize_with_checks(check_network(neuralize(model), X[::10]))
    ... def test_my_network(check):
    ...     check()
    """
    subject = Subject.of(network, X, asked)
    checks = _checks(subject, reference, refit, n_training, rtol, name)
    yield from only(checks, NETWORK_LAWS, without)


def _checks(
    subject: Subject,
    reference: Any,
    refit: Refit | None,
    n_training: int | None,
    rtol: float,
    name: str,
) -> Iterator[Check]:
    def check(law: str, function: Callable[..., None], *arguments: Any) -> Check:
        run = partial(function, subject, *arguments)
        return Check(law, run, name, function.__doc__ or "")

    if type(subject.bare.units).score is Units.score:
        yield check("passes_agree", laws.passes_agree)
    if reference is not None:
        yield check("equivalence", laws.equivalence, reference)
    elif subject.network is not subject.bare:
        yield check("agrees_with_model", laws.agrees_with_model)
    for law, function in OF_ROWS.items():
        yield check(law, function)
    if subject.bare.middle:
        for law, function in OF_HIDDEN_LAYERS.items():
            yield check(law, function)
    # a bare network takes clean rows, of its own precision
    of_door = subject.network is not subject.bare
    for law, function in OF_NUMBERS.items():
        taken = of_door or law != "float32" or subject.bare.dtype == np.float32
        if subject.numbers is not None and taken:
            yield check(law, function)
    if refit is None:
        return
    for law, of_change in OF_CHANGES.items():
        yield check(law, of_change, refit, rtol)
    if n_training is not None:
        arguments = (refit, rtol, n_training)
        yield check("absent_rows", refit_laws.absent_rows, *arguments)
