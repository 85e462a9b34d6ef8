# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""The laws of networks, on every family of models and a set of Pipelines."""

from helpers.models import CASES

from skneon.testing import check_network, parametrize_with_checks


def checks(case):
    yield from check_network(
        case.fitted(),
        case.rows,
        asked=case.asked,
        refit=case.fitted if case.refits else None,
        n_training=len(case.table) if case.leaves_out else None,
        without=case.without,
        name=case.name,
    )


@parametrize_with_checks([check for case in CASES.values() for check in checks(case)])
def test_law(check):
    check()
