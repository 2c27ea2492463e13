"""What a model learned from reviewed entries, where the extra ``[ml]`` is installed.

The features are smart_importer's, words of payee and narration up to three in a row; the model is
a linear classifier of scikit-learn with a fixed seed: the same books say the same. There is a model
for each entity and each way that money goes: nobody learns from another's books, and what came in
is not taken for a cost.
"""

import warnings
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from importers.inbox.reviewed import Decision, normalised

if TYPE_CHECKING:
    from importers.inbox.items import InboxItem

# With fewer a likeness says as much; more than the newest of these make no better model.
FEWEST, MOST = 20, 5000
_WEIGHTS = {"payee": 0.8, "narration": 0.5}


@dataclass(frozen=True)
class _Sample:
    """What the pipelines look at; payees go without numbers, which are not words of anything."""

    payee: str
    narration: str


def predictions(
    items: Iterable["InboxItem"], history: Sequence[Decision]
) -> Mapping[str, tuple[str, str]]:
    """The account predicted for each item, by id, with the reason. Nothing without the extra, for
    little history, and for lines of which no word was ever seen."""
    taught: dict[tuple[str, bool], list[Decision]] = defaultdict(list)
    for decision in history:
        taught[decision.entity, decision.into].append(decision)
    waiting: dict[tuple[str, bool], list[InboxItem]] = defaultdict(list)
    for item in items:
        waiting[item.entity, item.number > 0].append(item)
    found: dict[str, tuple[str, str]] = {}
    for key, of_key in waiting.items():
        decisions = taught[key][-MOST:]
        accounts = {decision.account for decision in decisions}
        if len(decisions) < FEWEST or len(accounts) < 2:
            continue
        model = _model()
        if model is None:
            return {}
        found |= _predicted(model, of_key, decisions)
    return found


def _predicted(
    model: Any, items: Sequence["InboxItem"], decisions: Sequence[Decision]
) -> dict[str, tuple[str, str]]:
    samples = [_Sample(normalised(d.payee), normalised(d.narration)) for d in decisions]
    words = {word for sample in samples for word in f"{sample.payee} {sample.narration}".split()}
    asked = []
    for item in items:
        said = normalised(item.txn.payee or ""), normalised(item.txn.narration or "")
        if words & {*said[0].split(), *said[1].split()}:
            asked.append((item.id, _Sample(*said)))
    if not asked:
        return {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it could be a little better is no news for anybody
        model.fit(samples, [decision.account for decision in decisions])
    accounts = model.predict([sample for _, sample in asked])
    reason = f"learned from {len(decisions)} reviewed entries"
    return {i: (str(a), reason) for (i, _), a in zip(asked, accounts, strict=True)}


def _model() -> Any:
    """A model that has learned nothing yet; None where the extra is not installed."""
    try:
        from sklearn.pipeline import FeatureUnion, make_pipeline
        from sklearn.svm import LinearSVC
        from smart_importer.pipelines import get_pipeline
    except ImportError:
        return None
    features = [(name, get_pipeline(name, None)) for name in _WEIGHTS]
    union = FeatureUnion(transformer_list=features, transformer_weights=_WEIGHTS)
    return make_pipeline(union, LinearSVC(random_state=0, dual=True, max_iter=5000))
