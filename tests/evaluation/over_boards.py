"""Made tests/fixtures/over-boards.json: methods over boards, by definition in NumPy.

    python3 tests/evaluation/over_boards.py > tests/fixtures/over-boards.json

The interquartile mean here is that of a plain list in which every accuracy stands so often that all boards have as many,
and a quarter of the list is a whole number. The interval is of 100,000 draws by NumPy's own generator.
"""
import json
import math

import numpy as np

random = np.random.default_rng(20261126)
METHODS = {"dmbn": 0.91, "keras": 0.90, "pytorch": 0.87, "nasnet": 0.80}


def accuracies(seeds, level, shift):
    return [round(float(value), 4) for value in np.clip(random.normal(level - shift, 0.02, seeds), 0, 1)]


def board(seeds, shift, missing=()):
    return {name: accuracies(seeds, level, shift) for name, level in METHODS.items() if name not in missing}


def interquartile_mean(boards):
    size = 4 * math.lcm(*(len(values) for values in boards))
    scores = np.sort(np.concatenate([np.repeat(values, size // len(values)) for values in boards]))
    quarter = len(scores) // 4
    return float(scores[quarter : len(scores) - quarter].mean())


def figures(boards, method, draws=100_000):
    means = [{name: float(np.mean(values)) for name, values in board.items()} for board in boards]
    regrets = [max(board.values()) - board[method] if method in board else None for board in means]
    known = [regret for regret in regrets if regret is not None]
    result = {"regrets": regrets, "mean": float(np.mean(known)), "worst": max(known), "iqm": None}
    if len(known) == len(boards):
        own = [np.array(board[method]) for board in boards]
        resampled = [interquartile_mean([random.choice(values, len(values)) for values in own]) for _ in range(draws)]
        low, high = np.quantile(resampled, [0.025, 0.975])
        result["iqm"] = {"mean": interquartile_mean(own), "low": float(low), "high": float(high)}
    return result


cases = [
    [board(8, 0.0), board(8, 0.1)],
    [board(5, 0.0), board(10, 0.1), board(20, 0.3, missing=("pytorch",))],
]
print(json.dumps([{"boards": boards, "methods": {m: figures(boards, m) for m in METHODS}} for boards in cases], indent=1))
