# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""Other packages that do the job, or parts of it; each is imported when it is used.

A function takes a job, makes ready what can be made ready before the clock starts, and
returns contestants. It raises ImportError where its package is not installed.
"""

from functools import partial

import numpy as np

from benchmarks.floor import fastest
from benchmarks.speed import Contestant, quiet

SCIPY = "SciPy gaussian_kde.evaluate"
TORCH_FORWARD = "torch forward, {}"
TORCH_GRADIENT = "torch gradient, {}"
KEOPS_FORWARD = "KeOps forward"
KEOPS_SOFT_ARGMIN = "KeOps soft argmin"
# rows that torch is given at a time
CHUNKS = (16, 64, 256)


def scipy_contestants(job):
    """`gaussian_kde`; its kernel has the covariance of the data, the identity here."""
    from scipy.stats import gaussian_kde

    if job.n_features >= job.n_support:
        raise ValueError("gaussian_kde needs more rows than features")
    density = gaussian_kde(job.support.T, bw_method=job.bandwidth)
    rows = job.X.T.copy()
    return [
        Contestant(
            SCIPY,
            lambda: density.evaluate(rows),
            lambda values: job.from_log_density(np.log(values)),
            "score",
        )
    ]


def torch_contestants(job):
    """The score and its gradient in torch, distances by cdist and by products."""
    import torch

    torch.set_num_threads(1)
    gamma, log_n = job.coefficient, np.log(job.n_support)
    U = torch.from_numpy(job.support)
    norms = U.square().sum(dim=1)

    def by_cdist(X):
        return log_n - torch.logsumexp(-gamma * torch.cdist(X, U).square(), dim=1)

    def by_products(X):
        exponents = (2 * gamma) * X @ U.T - gamma * norms
        squares = X.square().sum(dim=1)
        return log_n - torch.logsumexp(exponents, dim=1) + gamma * squares

    X = torch.from_numpy(job.X)

    def forward(score, chunk):
        with torch.no_grad():
            return torch.cat([score(x) for x in X.split(chunk)]) / gamma

    def gradient(score, chunk):
        parts = []
        for x in X.split(chunk):
            leaf = x.clone().requires_grad_(True)
            total = score(leaf).sum() / gamma
            parts.append(torch.autograd.grad(total, leaf)[0])
        return torch.cat(parts)

    contestants = []
    for way, score in {"cdist": by_cdist, "products": by_products}.items():
        for name, function, kind in (
            (TORCH_FORWARD, forward, "score"),
            (TORCH_GRADIENT, gradient, "gradient"),
        ):
            run = fastest([partial(function, score, chunk) for chunk in CHUNKS])
            contestants.append(Contestant(name.format(way), run, to_numpy, kind))
    return contestants


def to_numpy(tensor):
    """A tensor's figures."""
    return tensor.numpy()


def keops_contestants(job):
    """The score, and the soft argmin rule with it, as one reduction each.

    KeOps makes a C++ program of a formula and compiles it at first use, before the
    clock starts.
    """
    with quiet():
        from pykeops.numpy import Genred

    d, gamma = job.n_features, np.array([job.coefficient])
    names = ["g = Pm(1)", f"x = Vi({d})", f"u = Vj({d})"]
    formula = "-g * SqDist(x, u)"
    shares = "Concat(IntCst(1), Inv(SqDist(x, u)) * Square(x - u))"
    log_sum = Genred(formula, names, reduction_op="LogSumExp", axis=1)
    log_sums = Genred(formula, names, reduction_op="LogSumExp", axis=1, formula2=shares)

    def outlierness(logs):
        return (np.log(job.n_support) - logs[:, 0]) / job.coefficient

    def forward():
        return outlierness(log_sum(gamma, job.X, job.support, backend="CPU"))

    def soft_argmin():
        # log sum_k exp(-gamma h_k), and the same times (x_i - u_ki)^2 / h_k
        logs = log_sums(gamma, job.X, job.support, backend="CPU")
        return np.exp(logs[:, 1:] - logs[:, :1]) * outlierness(logs)[:, None]

    return [
        Contestant(KEOPS_FORWARD, forward, np.asarray, "score"),
        Contestant(KEOPS_SOFT_ARGMIN, soft_argmin, np.asarray, "soft argmin", 1e-6),
    ]


PEERS = {
    "scipy": scipy_contestants,
    "torch": torch_contestants,
    "keops": keops_contestants,
}


def peer_contestants(job, names, notes):
    """Contestants of the peers that are installed, run and give the same figures.

    Parameters
    ----------
    job : Job
    names : list of str
        Keys of `PEERS`; others are passed over.
    notes : list of str
        Gets a line for what is left out, and why.
    """
    contestants = []
    for name in names:
        if name not in PEERS:
            continue
        try:
            found = PEERS[name](job)
        # a compiler may be missing as well as a package
        except Exception as error:
            add_note(notes, name, error)
            continue
        contestants += [peer for peer in found if runs(peer, job, notes)]
    return contestants


def runs(contestant, job, notes):
    """Whether a contestant runs here, and gives the expected figures."""
    try:
        contestant.check(job)
    except Exception as error:
        where = f"{contestant.name} ({job.n_features} features, gamma {job.gamma})"
        add_note(notes, where, error)
        return False
    return True


def add_note(notes, name, error):
    """Say once why something is left out."""
    if isinstance(error, ModuleNotFoundError):
        note = f"{name}: left out, the package {error.name} is not installed."
    else:
        reason = (str(error).splitlines() or [""])[0]
        note = f"{name}: left out, {type(error).__name__}: {reason}."
    if note not in notes:
        notes.append(note)
