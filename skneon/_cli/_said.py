# Authors: The skneon developers
# SPDX-License-Identifier: BSD-3-Clause
"""What was found in a table: as the text of a terminal, and as a JSON document."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from skneon._cli._fitted import Fitted
from skneon._cli._show import text
from skneon._report._entries import LONE, Entry, Groups
from skneon._report._scale import Scale, predicted, times
from skneon._version import __version__
from skneon.explanation._cluster_names import cluster_name, is_none, noise_of
from skneon.explanation._noise import LEVEL
from skneon.explanation._text import count, label_text, two_digits

OUTLIERS = """\
The {} judged by {}
{}
{}
"""
CLUSTERS = """\
What tells {} from {} rivals
({}; share: mean part of a column in all that speaks for and against a row's cluster; \
rival: the usual one; {} inside and outside the cluster)
{}
"""
P = """\
p: the share of ordinary rows that are at least as outlying, by the training rows;
at least 1 in {:,}
"""
FLAGGED = "Rows with a * are flagged.\n"


@dataclass(frozen=True)
class Said:
    """What was found in the rows of a table: the leading rows, or all clusters."""

    name: str
    n_rows: int
    entries: Sequence[Entry]
    fitted: Fitted
    facts: dict[str, Any]
    flags: Scale | None
    groups: Groups
    notes: Sequence[str]
    is_new: bool
    is_sampled: bool
    # the farthest rows in no cluster
    outside: Sequence[Entry] = ()

    def text(self) -> str:
        """Heading, notes and a table."""
        n, d = len(self.fitted.plan.numbers), len(self.fitted.plan.names)
        names = "standardised"
        if n < d:
            names = f"{f'{n} standardised, {d - n}' if n else 'all'} of categories"
        size = f"{count(self.n_rows, 'row')}, {count(d, 'column')}"
        heading = f"{self.name}: {size}, {names}"
        return text([heading, *self.notes], *self._table(), self._last_lines())

    def _table(self) -> tuple[str, list[str], list[Any]]:
        """Words, heads and rows of the table."""
        said, flags = self.entries, self.flags
        if flags is None:
            heads = ["cluster", "rows", "rival", "because of", "share"]
            noise = noise_of(self.facts)
            rows = [
                [cluster_name(e["cluster"], noise), e["rows"],
                 cluster_name(e["rival"], noise), e["reasons"]]
                for e in said
            ]  # fmt: skip
            return self._of_clusters(), [*heads, "inside", "outside"], rows
        label = "id" if self.fitted.plan.id else "row"
        place, shown = ("p", "p") if self.is_new else ("top %", "top")
        multiple, part = flags.limit.is_ratio, self.fitted.kind.part
        heads = [label, "outlierness", *["x median"] * multiple, place]
        heads += ["because of", part, "value", "typical"]
        rows = [
            [e[label], f"{'* ' * e['flagged']}{e['score']:.2f}",
             *[times(e["multiple"])] * multiple,
             two_digits(e[shown] * (1 if self.is_new else 100)), e["reasons"]]
            for e in said
        ]  # fmt: skip
        return self._words(flags), heads, rows

    def _last_lines(self) -> Iterator[str]:
        """What is said of rows in no cluster, behind the table."""
        label = "id" if self.fitted.plan.id else "row"
        for k, e in enumerate(self.outside):
            if not k:
                level = f" ({LEVEL})" * ("levels" in self.facts)
                yield f"The farthest rows in no cluster{level}"
            yield f"{label} {label_text(e[label])}: {e['words'] or 'in no cluster'}"

    def _of_clusters(self) -> str:
        """What is said of the clusters in front of them."""
        kind, choice = self.fitted.kind, self.fitted.choice
        many = count(self.facts["n_clusters"], "cluster")
        noise = noise_of(self.facts)
        n = sum(e["rows"] for e in self.entries if is_none(e["cluster"], noise))
        without = "" if noise is None else f"and {count(n, 'row')} in none"
        how = ", ".join(filter(None, [f"{kind.name}: {many}", without, choice.words]))
        verdict = "No clear clusters: " * choice.is_vague + choice.verdict
        whose = "its" if self.facts["n_clusters"] == 1 else "their"
        if len(self.entries) == 1 and self.entries[0]["rival"] is None:
            return f"{LONE}\n({how})\n"
        means = "means of the column"
        if self.fitted.plan.categories:
            means += ", or its most frequent value if that is a category,"
        return CLUSTERS.format(many, whose, how, means, verdict).replace("\n\n", "\n")

    def _words(self, flags: Scale) -> str:
        said, n, kind = self.entries, len(flags.known), self.fitted.kind
        by = f"the {n:,} training rows of {self.fitted.source}"
        if not self.is_new:
            rows = "others" if kind.leaves_out else "rows"
            # rows that stand out may be judged without one another
            are_all = "all " * (self.facts.get("n_suspects", 0) < 2)
            by = f"{are_all}{'the ' * kind.leaves_out}{rows}"
            by = f"a sample of {n:,} {rows}" if self.is_sampled else by
        many = f"{len(said)} most outlying rows, each" * (len(said) > 1)
        words = OUTLIERS.format(
            many or "most outlying row,", by, kind.said(self.facts),
            flags.verdict("outlierness"),
        )  # fmt: skip
        words += predicted(self.facts, flags.score, flags)
        words += P.format(n + 1) * self.is_new
        return words + FLAGGED * any(entry["flagged"] for entry in said)

    def document(self) -> str:
        """All of it as JSON; what is not finite is null."""
        plan, density = self.fitted.plan, self.flags is not None
        noise = noise_of(self.facts)
        kind = "rows" if density else "clusters"
        kinds = {name: kind.kind for name, kind in plan.kinds.items()}
        known, fitted = self.fitted.kind.settings, self.fitted
        own = {name: self.facts[name] for name in known} if density else {
            "clusters": self.facts["n_clusters"], "choice": fitted.choice.words,
            **{name: getattr(fitted.model[-1], name) for name in known},
        }  # fmt: skip
        fitted_to = {"fitted_to": self.fitted.source} if self.is_new else {}
        settings = {
            "model": self.fitted.model_name, "columns": plan.names,
            "categories": plan.categories, "kinds": kinds, "log": plan.log,
            "id": plan.id, "groups": self.groups, "n_support": self.fitted.n_support,
            **own, **fitted_to, "rule": self.facts["rule"],
        }  # fmt: skip
        facts = self.flags.facts() if self.flags else self.fitted.choice.facts()
        if "threshold" in self.facts:
            facts["own_threshold"] = self.facts["threshold"]
        document = {
            "skneon_version": __version__, "source": self.name, "n_rows": self.n_rows,
            "settings": settings, "notes": self.notes, **facts, kind: self.entries,
            **({"in_no_cluster": self.outside} if noise is not None else {}),
        }  # fmt: skip
        plain = json.loads(json.dumps(document), parse_constant=lambda name: None)
        return json.dumps(plain, indent=1)
