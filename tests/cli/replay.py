"""Running statistics of a trace by public/python/reproduce.py, for many documents at once.

Reads {"trace": [{"mean", "variance": [steps][channels], "count"}], "documents", "names"} from standard input;
prints [document][layer]: [mean, variance], or a string where the document is refused.
"""
import json, sys
from pathlib import Path
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "public" / "python"))
import reproduce

given = json.load(sys.stdin)
layers = [f"norm{index + 1}" for index in range(len(given["trace"]))]
trace = {f"{name}.{key}": np.array(layer[key], np.float32)
         for name, layer in zip(layers, given["trace"]) for key in ("mean", "variance")}
counts = [layer["count"] for layer in given["trace"]]


def statistics(document, momenta):
    score = {"esm": [{"layer": name} for name in layers], "momentumPerLayer": momenta}
    try:
        result = reproduce.running_statistics(trace, counts, document, score, given["names"])
    except reproduce.Refusal as refusal:
        return str(refusal)
    return [[part.tolist() for part in result[name]] for name in layers]


print(json.dumps([statistics(document, momenta) for document, momenta in given["documents"]]))
