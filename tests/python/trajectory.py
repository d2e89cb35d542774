"""What dmbn.py makes of one of DMBench's trajectories. Reads JSON from standard input and prints JSON.

{"trajectory", "run"}: the embedded policies, and running statistics under those that read the trace alone, without
PyTorch. With {"calibration", "calibrationLabels", "test", "testLabels", "epsilon"}: also every policy's scores.
"""
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "public" / "python"))
given = json.load(sys.stdin)
if "test" not in given:
    sys.modules["torch"] = None  # importing it is an error
import numpy as np

import dmbn


def statistics_of(policy, trace):
    """[mean, variance] of each layer."""
    document = dmbn.document_of(policy)
    if document["kind"] == "select":
        return [[part.tolist() for part in closed_form(trace, index)] for index in range(len(trace.layers))]
    return [[part.tolist() for part in dmbn.replay(trace, index, [document])[0]] for index in range(len(trace.layers))]


def closed_form(trace, index):
    beta, _ = dmbn.closed_form(trace, index)
    return dmbn.replay(trace, index, [dmbn.document_of(beta)])[0]


def model_of(tensors, trace, epsilon):
    """The multilayer perceptron of a trajectory: dense, norm, ReLU, repeated."""
    import torch

    torch.set_num_threads(1)

    def filled(module, **values):
        with torch.no_grad():
            for name, value in values.items():
                getattr(module, name).copy_(torch.tensor(value))
        return module

    def dense(name, outputs, bias=False):
        kernel = tensors[f"weights/{name}.kernel"].reshape(-1, outputs)
        return filled(torch.nn.Linear(len(kernel), outputs, bias=bias), weight=kernel.T.copy())

    model = torch.nn.Sequential()
    for number, layer in enumerate(trace.layers, 1):
        width = layer.mean.shape[1]
        model.add_module(f"dense{number}", dense(f"dense{number}", width))
        norm = torch.nn.BatchNorm1d(width, eps=epsilon)
        model.add_module(layer.name, filled(norm, weight=tensors[f"weights/{layer.name}.scale"],
                                            bias=tensors[f"weights/{layer.name}.offset"]))
        model.add_module(f"relu{number}", torch.nn.ReLU())
    bias = tensors["weights/logits.bias"]
    model.add_module("logits", filled(dense("logits", len(bias), bias=True), bias=bias))
    return model


def scored(tensors, trace):
    import torch

    def batches(split, size):
        images = torch.tensor(given[split], dtype=torch.float32)
        labels = torch.tensor(given[f"{split}Labels"])
        return list(zip(images.split(size), labels.split(size)))

    predictions = []

    def predicted(outputs, labels):
        predictions.append(outputs.argmax(1).tolist())
        return dmbn.accuracy(outputs, labels)

    model = model_of(tensors, trace, given["epsilon"])
    table = dmbn.scores(model, trace, batches("calibration", 77), batches("test", 100), metric=predicted)
    kept = iter(predictions)
    return [{"policy": row.policy, "refused": row.refused} if row.fit is None else
            {"policy": row.policy, "accuracy": row.metric, "predictions": next(kept),
             "momentum": list(row.fit.momentum.values()), "shift": list(row.fit.shift.values()),
             "edge": list(row.fit.edge)}
            for row in table]


trace = dmbn.load_trace(given["trajectory"])
tensors, _ = dmbn.read_safetensors(given["trajectory"])
print(json.dumps({
    "run": trace.run,
    "documents": {name: dmbn.document_of(name) for name in dmbn.POLICIES},
    "statistics": {name: statistics_of(name, trace) for name in given["averages"]},
    "scores": scored(tensors, trace) if "test" in given else [],
}))
