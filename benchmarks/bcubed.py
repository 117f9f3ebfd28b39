"""B-cubed (Bagga and Baldwin 1998): how well a partition of names into entities agrees with the right one.

For each item, precision is the part of those put together with it that belong with it, recall the part of those that
belong with it that were put together with it; the score is the mean over all items, so an entity counts for as much as
it is named. Beside it the pairs: a wrong merge puts two together that are not one, a missed merge leaves two apart
that are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import TypeVar

Item = TypeVar("Item", bound=Hashable)
Partition = Mapping[Item, Hashable]
"""Item -> the entity that it stands for; only equality of entities counts."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Sums over any number of partitions. precision_sum and recall_sum: of the items' own precision and recall.

    n_joined, n_right: pairs that were put together, and those of them that belong together; n_owed: pairs that belong
    together.
    """

    n_items: int = 0
    precision_sum: float = 0.0
    recall_sum: float = 0.0
    n_joined: int = 0
    n_right: int = 0
    n_owed: int = 0

    def __add__(self, other: Agreement) -> Agreement:
        return Agreement(
            self.n_items + other.n_items,
            self.precision_sum + other.precision_sum,
            self.recall_sum + other.recall_sum,
            self.n_joined + other.n_joined,
            self.n_right + other.n_right,
            self.n_owed + other.n_owed,
        )

    @property
    def precision(self) -> float:
        return self.precision_sum / self.n_items if self.n_items else 1.0

    @property
    def recall(self) -> float:
        return self.recall_sum / self.n_items if self.n_items else 1.0

    @property
    def f1(self) -> float:
        return 2 * self.precision * self.recall / (self.precision + self.recall)

    @property
    def n_wrong(self) -> int:
        return self.n_joined - self.n_right

    @property
    def n_missed(self) -> int:
        return self.n_owed - self.n_right

    @property
    def wrong_merges(self) -> float:
        """Wrong pairs among those put together, in [0, 1]."""
        return self.n_wrong / self.n_joined if self.n_joined else 0.0

    @property
    def missed_merges(self) -> float:
        """Pairs left apart among those that belong together, in [0, 1]."""
        return self.n_missed / self.n_owed if self.n_owed else 0.0


def agreement(gold: Partition[Item], found: Partition[Item]) -> Agreement:
    """How `found` agrees with `gold` on the items of gold; others count for nothing.

    Raises KeyError when an item of gold is in no entity of `found`. Linear in items.
    """
    owed = Counter(gold.values())
    joined = Counter(found[item] for item in gold)
    both = Counter((entity, found[item]) for item, entity in gold.items())
    return Agreement(
        len(gold),
        sum(n * n / joined[label] for (_, label), n in both.items()),
        sum(n * n / owed[entity] for (entity, _), n in both.items()),
        sum(map(_pairs, joined.values())),
        sum(map(_pairs, both.values())),
        sum(map(_pairs, owed.values())),
    )


def _pairs(n: int) -> int:
    return n * (n - 1) // 2
