"""Made tests/fixtures/golden/probabilities.json: NLL and ECE of logits, by definition in NumPy in double precision.

    python3 tests/evaluation/probabilities.py > tests/fixtures/golden/probabilities.json

Bins of equal mass: of n sorted examples, bin b has those from floor(b n / 15) to floor((b + 1) n / 15).
"""
import json

import numpy as np

random = np.random.default_rng(20261128)


def case(examples, classes, scale):
    logits = random.normal(0, scale, (examples, classes)).astype(np.float32)
    labels = random.integers(0, classes, examples)
    logits[np.arange(examples), labels] += np.float32(scale)
    wide = logits.astype(np.float64)
    shifted = wide - wide.max(1, keepdims=True)
    log_probabilities = shifted - np.log(np.exp(shifted).sum(1, keepdims=True))
    predictions = logits.argmax(1)
    confidence = np.exp(log_probabilities.max(1))
    right = predictions == labels
    order = np.lexsort((right, confidence.astype(np.float32)))
    cuts = [examples * b // 15 for b in range(16)]
    bins = [order[low:high] for low, high in zip(cuts, cuts[1:]) if high > low]
    ece = sum(abs(right[part].mean() - confidence[part].mean()) * len(part) for part in bins) / examples
    return {
        "classes": classes,
        "logits": logits.flatten().tolist(),
        "labels": labels.tolist(),
        "predictions": predictions.tolist(),
        "nll": -log_probabilities[np.arange(examples), labels].mean(),
        "ece": ece,
    }


cases = [case(1, 10, 1), case(7, 3, 2), case(100, 10, 0.1), case(355, 10, 4), case(40, 100, 3)]
print(json.dumps({"note": "NLL in nats, ECE with 15 bins of equal mass", "cases": cases}))
