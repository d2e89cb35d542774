"""
Runs exported Keras programs on a stub of Keras, each on the same two-norm network, weights and data, and reports the
final statistics of its norms. Reads JSON from standard input and prints JSON; two-norm-run.ts has the types.
"""
import itertools
import json
import sys
import traceback
from pathlib import Path
from types import SimpleNamespace

import numpy as np

sys.path.insert(0, str(Path(__file__).parent / "stand-ins"))
import keras


class Batches:
    """Gives `length` batches per iteration; each iteration continues where the last one stopped."""

    def __init__(self, batches, length):
        self.batches, self.length = itertools.cycle(batches), length

    def __len__(self):
        return self.length

    def __iter__(self):
        return itertools.islice(self.batches, self.length)

    def take(self, count):
        return Batches(list(self), min(count, self.length))


def norm_of(code):
    """The batch norm that a program declares for the network, else one with all defaults except ε."""
    declared = [line for line in code.splitlines() if line.startswith("norm = ")]
    names = {"keras": keras}
    exec(declared[0] if declared else "norm = keras.layers.BatchNormalization(epsilon=1e-5)", names)
    return names["norm"]


def run(task, code="", calibration_batch=None):
    """Runs `code`, and then trains if it neither trains nor calibrates."""
    first, second, last = [
        keras.Dense(np.array(kernel).reshape(-1, len(bias)), np.array(bias))
        for kernel, bias in (layer.values() for layer in task["weights"])
    ]
    norms = [norm_of(code), norm_of(code)]
    for norm, dense in zip(norms, (first, second)):
        norm.build(len(dense.bias))
    model = keras.Model([first, norms[0], keras.Rectify(), keras.Flatten(), second, norms[1], keras.Rectify(), last])
    optimizer = SimpleNamespace(learning_rate=task["learningRate"])
    model.compile(optimizer, "mse")

    images = np.array(task["images"]).reshape(task["steps"], task["batchSize"], *task["inputShape"])
    training_batches = Batches([(batch, None) for batch in images], task["stepsPerEpoch"])
    names = {
        "model": model,
        "optimizer": optimizer,
        "loss": "mse",
        "epochs": task["epochs"],
        "batch_size": calibration_batch or task["batchSize"],
        "training_batch_size": task["batchSize"],
        "training_batches": training_batches,
        "chosen": task["chosen"],
    }
    if calibration_batch:
        calibration = np.array(task["calibration"]).reshape(-1, calibration_batch, *task["inputShape"])
        names["calibration_batches"] = Batches(calibration, len(calibration))
    exec(compile(code, "program", "exec"), names)
    if not model.fitted and not calibration_batch:
        model.fit(training_batches, task["epochs"])
    return {
        # Nothing where a program measures in inference mode alone.
        **({"layers": [report_of(norm.batches) for norm in norms]} if norms[0].batches else {}),
        "statistics": [
            {"mean": norm.moving_mean.numpy().tolist(), "variance": norm.moving_variance.numpy().tolist()}
            for norm in norms
        ],
    }


def report_of(batches):
    count = batches[0][0]
    return {
        "count": count,
        "mean": np.concatenate([mean for _, mean, _ in batches]).tolist(),
        "variance": np.concatenate([variance * count / (count - 1) for _, _, variance in batches]).tolist(),
    }


def main():
    task, programs = json.load(sys.stdin)
    plain = run(task)

    def outcome(program):
        try:
            report = run(task, **program)
        except Exception:
            return {"error": traceback.format_exc()}
        if program["calibration_batch"]:
            return report
        if report["layers"] != plain["layers"]:
            return {"error": "the program has changed the layers of the run"}
        return {"statistics": report["statistics"]}

    print(json.dumps({"layers": plain["layers"], "outcomes": [outcome(program) for program in programs]}))


main()
