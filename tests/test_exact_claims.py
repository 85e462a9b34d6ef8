# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What the pages call exact has a test by brute force, sentence by sentence."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DOC = ROOT / "doc"
PAGES = ("models.md", "rules.md", "spectral.md")

pytestmark = pytest.mark.skipif(
    not DOC.is_dir(), reason="the guide is not beside the tests"
)

RULES = "tests/network/rules"
MODELS = "tests/neuralization/models"
EXACT = "tests/neuralization/test_exact_rules.py"
NUMERICS = "tests/network/numerics"
SHAPLEY = "tests/metrics/test_shapley.py"
GAUSSIANS = f"{MODELS}/test_gaussians.py::test_shapley_values_of_real_sets"
MIXTURES = f"{MODELS}/test_mixture_games.py::test_shapley_values_of_real_sets"
CLUSTERS = f"{RULES}/test_shapley.py::test_evidence_agrees_with_all_orders"
INLIERNESS = (
    "tests/network/layers/test_kernel_game.py::"
    "test_shapley_values_are_those_of_all_coalitions"
)
MEAN = f"{RULES}/test_mean.py::test_shapley_values_of_the_mean_game"
OTHER_COLUMNS = f"{EXACT}::test_without_a_column_there_is_the_model_of_the_others"

FORESTS = (
    f"{MODELS}/test_isolation_forest_games.py::"
    "test_rules_are_the_shapley_values_of_their_games"
)

LINEAR = f"{MODELS}/test_linear_score.py::test_shapley_values_of_all_coalitions"
EXPANSIONS = LINEAR.replace("linear_score", "kernel_expansion")
KERNELS = f"{MODELS}/test_kernel_terms.py::test_shapley_values_by_all_subsets"
SPECTRAL = (
    "tests/network/layers/test_log_ratio.py::test_shapley_values_by_all_subsets",
    f"{MODELS}/test_spectral.py::test_close_to_the_shapley_values_of_the_same_game",
)
GRAPHS = (
    "tests/network/layers/test_neighbor_graph.py::test_shapley_values_by_all_orders"
)

ENDS = re.compile(r"(?<=[.:?])\s+|(?<=\.\))\s+")

# sentences that say "exact", as they stand on a page, and the tests that prove them
CLAIMS = {
    # models.md
    '| densities and `OneClassSVM`, "outlier" | its squared difference is left out of '
    "every distance; for the gaussian kernel that is exactly the density of the other "
    'columns | "integrated" is near |': (
        OTHER_COLUMNS,
        f"{EXACT}::test_a_density_integrated_over_a_column_is_that_of_the_others",
    ),
    "| covariances, `PCA`, `FactorAnalysis`, mixtures | it is integrated out, exactly: "
    'the Gaussian of the other columns | "shapley" |': (
        OTHER_COLUMNS,
        GAUSSIANS,
        MIXTURES,
        f"{MODELS}/test_gaussians.py::"
        "test_decompositions_have_those_of_halves_and_their_constant",
    ),
    'For clusters "shapley" is exact for that game.': (
        f"{EXACT}::"
        "test_clusters_behind_a_projection_have_the_values_of_their_quadratic_forms",
    ),
    "f_c is positive exactly where every split leads to c; comparing the leaves' "
    "centres would not do, for a row can be nearer to a leaf of another branch.": (
        f"{MODELS}/test_bisecting.py::test_network_follows_predict",
    ),
    "All are exact for their game, with any number of columns.": (FORESTS,),
    '"shapley" is exact for that game, at any number of columns.': (EXPANSIONS,),
    # rules.md
    "On every panel the integral of sum_k p_k(s) h_k is known exactly from the scores "
    "at the ends, which tells whether the panel must be divided.": (
        f"{NUMERICS}/test_integrated_soft_argmin.py::"
        "test_sums_to_the_score_however_stiff",
    ),
    "The integrand is a polynomial of degree d - 1 in q, which ceil(d/2) "
    "Gauss-Legendre nodes integrate exactly; from 39 columns on fewer do to 12 "
    "digits.": (f"{NUMERICS}/test_product_shapley.py::test_nodes_integrate_products",),
    "So the values are exact at any number of columns.": (INLIERNESS,),
    "This is exact marginalisation, no feature is imputed; v(all) = f_c and v(empty) "
    "= 0.": (OTHER_COLUMNS, CLUSTERS),
    "Both are exact for the question they ask:": (GAUSSIANS, MEAN),
    "On tables of 13 and 15 columns the distance from the exact values is 5 to 7 % at "
    "2 orders per column and 2 to 3 % at 200 orders.": (
        f"{EXACT}::test_orders_are_as_near_as_the_pages_say",
    ),
    "From `n_subsets` 19, 35 and 64 also 13, 14 and 15 columns are exact.": (
        f"{EXACT}::test_one_gaussian_is_exact_from_so_many_subsets_on",
    ),
    "In mixtures each component has its own mean, and shares of the components' "
    "distances are weighted by the integrated soft argmin; that is exact for no "
    "game.": (f"{EXACT}::test_rule_mean_of_mixtures_is_of_no_game",),
    '| "shapley", of clusters | marginal | exact up to 12 columns; sampled beyond, a '
    "few per cent off |": (
        CLUSTERS,
        f"{SHAPLEY}::test_evidence_agrees_with_all_orders",
        f"{RULES}/test_shapley.py::test_sampled_rule_is_near_the_exact_values",
    ),
    '| "shapley", of one Gaussian | marginal | exact up to 12 columns, up to 15 by '
    "`Shapley(n_subsets=64)`; beyond a mean over orders |": (
        GAUSSIANS,
        f"{EXACT}::test_one_gaussian_is_exact_from_so_many_subsets_on",
    ),
    '| "shapley", of mixtures, both targets | marginal | exact up to 12 columns; '
    "beyond a mean over orders |": (
        MIXTURES,
        f"{MODELS}/test_mixture_games.py::"
        "test_shapley_rule_agrees_with_all_submatrices",
    ),
    '| "shapley", of inlierness | marginal | exact for any number of columns |': (
        INLIERNESS,
        f"{SHAPLEY}::test_inlierness_is_exact_at_any_number_of_features",
    ),
    '| "shapley", of isolation forests | marginal, by relative depth | exact for any '
    "number of columns |": (FORESTS,),
    '| "split", of isolation forests | gains at splits by other columns are not '
    "counted | exact for any number of columns |": (FORESTS,),
    '| "path", of isolation forests | the row goes to both sides | exact for any '
    "number of columns |": (
        FORESTS,
        f"{MODELS}/test_isolation_forest.py::test_path_is_what_shap_gives",
    ),
    '| "interventional", of isolation forests | background rows, all of them | exact '
    "for any number of columns |": (FORESTS,),
    '| "shapley", of linear scores | columns are those of a point of the boundary | '
    "exact for any number of columns |": (LINEAR,),
    '| "interventional", of linear scores | background rows, all of them | exact for '
    "any number of columns |": (LINEAR,),
    '| "shapley", of sums of kernels | marginal | exact for any number of columns |': (
        EXPANSIONS,
        KERNELS,
    ),
    '| "shapley", of spectral clusterings | marginal; of graphs, which are built for '
    "every set of columns | exact up to 12 columns |": (*SPECTRAL, GRAPHS),
    '| "mean", of one Gaussian | mean | exact for any number of columns |': (MEAN,),
    '| "interventional", of clusters | background rows | exact up to 12 columns, for '
    "the rows of its background; sampled beyond |": (
        f"{RULES}/test_interventional.py::"
        "test_interventional_rule_agrees_with_all_orders",
    ),
    '| "proportional", of clusterings by density | marginal, the deciding rows as '
    "given | exact for any number of columns |": (
        f"{MODELS}/test_dbscan.py::test_deciding_rows_that_are_given",
    ),
    '| "shapley", of `NearestNeighbors` | marginal, the neighbours as the columns find '
    "them | exact up to 12 columns |": (
        "tests/network/layers/test_neighbors_mean.py::"
        "test_rule_shapley_plays_that_game",
        "tests/network/layers/test_neighbors_mean.py::"
        "test_games_look_for_neighbours_among_the_columns",
    ),
    '| "proportional", of squared distances by `NearestNeighbors` | marginal, the '
    "neighbours as given | exact for any number of columns |": (
        f"{EXACT}::test_neighbours_that_are_given_have_shapley_values",
    ),
    "Leaving a feature out is exact for these models, so their Shapley values can be "
    "had:": (OTHER_COLUMNS,),
    "`skneon.metrics.exact_shapley` takes all subsets up to 15 features, an exact "
    "quadrature for inlierness at any number of features, and antithetic permutations "
    "with a standard error otherwise.": (
        f"{SHAPLEY}::test_density_agrees_with_all_orders",
        f"{SHAPLEY}::test_inlierness_is_exact_at_any_number_of_features",
        GAUSSIANS,
        MIXTURES,
    ),
    "`relevance_distance` measures how far a rule is from them, `flipping_score` "
    "removes features from most to least relevant by the same exact marginalisation, "
    "`insertion_score` inserts them for clusters, `conservation_error` checks the "
    "sum.": (
        "tests/metrics/test_flipping.py::"
        "test_flipping_leaves_features_out_of_the_distances",
        "tests/neuralization/test_pipeline_gaussians.py::"
        "test_flipping_curves_take_submatrices_of_the_covariance",
    ),
    "It conserves the score for any row, is within 5 % of the exact Shapley values on "
    "standardised data up to gamma 1/2 (in the median row; 4 to 10 % at the larger "
    "gamma of the highest likelihood, where beta = gamma is at 25 to 52 %), and is the "
    "default.": (f"{EXACT}::test_integrated_is_within_5_per_cent_up_to_gamma_a_half",),
    # spectral.md
    r"Cluster c is nearer than k exactly where $\sum_n p_n A_{nk} > 0$:": (
        f"{MODELS}/test_spectral_votes.py::test_votes_are_distances_in_the_embedding",
        f"{MODELS}/test_spectral.py::test_labels_by_the_sign_of_the_evidence",
    ),
    "Up to 12 columns it is exact.": SPECTRAL,
    '"constant" is the median size of the residual, relative to the score; "distance" '
    'the median relative distance of "integrated" to the exact Shapley values, which '
    "all subsets of columns give, and next to it that which 9 in 10 rows do not "
    "exceed; times are microseconds of processor time a row.": SPECTRAL,
    'Rule "shapley" is exact for that game, at any number of columns, by the '
    "quadrature of QuadraSHAP (Mohammadi et al., arXiv 2605.05870; exact values of "
    "product kernels:": (KERNELS,),
}


def sentences(text: str) -> Iterator[str]:
    """Sentences, rows of tables and headings, each on one line; code blocks are out."""
    text = re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)
    for block in re.split(r"\n\s*\n|\n(?=\||- |#)", text):
        line = " ".join(block.split())
        yield from [line] if line[:1] == "|" else re.split(ENDS, line)


def says_exact(sentence: str) -> bool:
    """Whether it does so in words, and not in a name."""
    words = re.sub(r'`[^`]*`|"[a-z-]+"', "", sentence)
    return re.search(r"\bexact(ly)?\b", words, re.IGNORECASE) is not None


@pytest.fixture(scope="module")
def claimed():
    """The sentences of the pages that say so."""
    texts = [(DOC / page).read_text(encoding="utf-8") for page in PAGES]
    return [s for text in texts for s in sentences(text) if says_exact(s)]


def test_every_sentence_that_says_exact_has_its_tests(claimed):
    assert [sentence for sentence in claimed if sentence not in CLAIMS] == []
    assert all(CLAIMS.values())


def test_every_entry_stands_on_a_page(claimed):
    assert [sentence for sentence in CLAIMS if sentence not in claimed] == []


class Collected:
    """A plugin that notes which tests there are."""

    def __init__(self):
        self.tests, self.skipped = set(), set()

    def pytest_collection_finish(self, session):
        for item in session.items:
            self.tests.add(item.nodeid.split("[")[0])
            if item.get_closest_marker("skip"):
                self.skipped.add(item.nodeid.split("[")[0])


def test_the_tests_are_there_and_are_collected():
    named = {test for tests in CLAIMS.values() for test in tests}
    files = sorted({str(ROOT / test.split("::")[0]) for test in named})
    found = Collected()
    options = ["--collect-only", "-q", "-n", "0", "--rootdir", str(ROOT)]
    options += ["-c", str(ROOT / "setup.cfg"), "-p", "no:cacheprovider"]
    pytest.main([*options, *files], plugins=[found])
    assert named - found.tests == set()
    assert named & found.skipped == set()


def test_sentences_are_found():
    page = """# On exact

It is
exact: no `exact_shapley`. (Nor "exact-inlier".) It is.
- Exactly. No.

```
exact
```

| exact: | a |
| --- | --- |
"""
    found = list(sentences(page))
    assert found[1:5] == [
        "It is exact:",
        "no `exact_shapley`.",
        '(Nor "exact-inlier".)',
        "It is.",
    ]
    expected = ["# On exact", "It is exact:", "- Exactly.", "| exact: | a |"]
    assert [sentence for sentence in found if says_exact(sentence)] == expected
