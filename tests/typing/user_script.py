# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What a user writes: checkers of types read it, and it runs."""

from typing import assert_type

import numpy as np
from sklearn.cluster import KMeans
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skneon import NeonKDE, NeonKMeans, explain, neuralize
from skneon.explanation import Contribution, Explanation
from skneon.metrics import conservation_error, exact_shapley, relevance_distance
from skneon.network import Midpoint
from skneon.plotting import RelevanceDisplay, SummaryDisplay

X = np.random.default_rng(0).normal(size=(60, 4))

kde = assert_type(NeonKDE(gamma="scott", contamination=0.05).fit(X), NeonKDE)
worst = int(kde.explain().score.argmax())
outliers = X[kde.predict(X) < 0]
kmeans = NeonKMeans(3, rule=Midpoint(beta=1.0), random_state=0).fit(X)
model = make_pipeline(StandardScaler(), KMeans(3, random_state=0)).fit(X)

explanation = assert_type(explain(model, X, rule="midpoint", n_jobs=1), Explanation)
left_out = explain(kde, X[:2], leave_out=[0, 1])
both = Explanation.concat([left_out, kde.explain(X[2:] + 0.1)])
for part in assert_type(both[0].top(2)[0], list[Contribution]):
    print(f"{part.feature}: {part.relevance:.2f}, {part.share:.0%}")
text = assert_type(explanation.aggregate({"first": ["x0", "x1"]}).to_json(), str)
assert_type(explanation[:3], Explanation)
print(explanation["x0"].mean(), explanation.values.shape)
mean_share = explanation.share.mean(axis=0).round(2)
again = Explanation.from_json(text)

network = neuralize(model)
print([type(layer).__name__ for layer in network.layers], len(network.explain(X[:1])))
evidence = network.forward(X, cluster=0)

exact = assert_type(exact_shapley(kmeans, X), Explanation)
assert_type(relevance_distance(kmeans.explain(X), exact), np.float64)
assert_type(conservation_error(model, X, explanation), float)

display = assert_type(SummaryDisplay.from_explanation(explanation, k=2), SummaryDisplay)
display.ax_.set_title(", ".join(display.feature_names))
RelevanceDisplay.from_estimator(kde, X + 0.1, options={"target": "inlier"}, row=worst)
