"""Reproduces the scores of a DMBench run from the files that `dmbench train --out RUN` wrote.

    python3 reproduce.py RUN [POLICY] [--data FOLDER]

RUN holds record.json and, as safetensors, weights, trace and predictions. The trace
has the mean and variance of every batch at every batch-norm layer, so the running
statistics under any momentum can be averaged anew, years later, without training:

    running = beta * running + (1 - beta) * batch        (beta weighs the OLD value)

For multilayer perceptrons on digits, MNIST and Fashion-MNIST. FOLDER has the data
files as published; the digits that come with DMBench are found by themselves.
Needs Python 3.9 and numpy; uses the safetensors package where it is installed.
"""
import argparse, gzip, json, struct
from pathlib import Path
import numpy as np


def open_safetensors(path):
    """Arrays by name: eight bytes of length, a JSON header, then the numbers."""
    try:
        from safetensors.numpy import load_file
        return load_file(path)
    except ImportError:
        data = Path(path).read_bytes()
        (length,) = struct.unpack("<Q", data[:8])
        header, numbers = json.loads(data[8 : 8 + length]), data[8 + length :]
        types = {"F32": "<f4", "U8": "u1", "I32": "<i4"}
        return {name: np.frombuffer(numbers[slice(*entry["data_offsets"])], types[entry["dtype"]])
                .reshape(entry["shape"])
                for name, entry in header.items() if name != "__metadata__"}


# ---------------------------------------------------------------- running statistics

def replay(batches, beta, start):
    """The running average that training would have made.

    batches: [steps, channels]; beta: a number, or a function of the step from 1.
    """
    running = np.full(batches.shape[1], start, dtype=np.float64)
    for step, batch in enumerate(batches, start=1):
        b = beta(step) if callable(beta) else beta
        running = b * running + (1 - b) * batch
    return running


def beta_of(momentum):
    """A momentum as the record gives it: a number, or the cumulative average."""
    if momentum == "1 - 1 / step":
        return lambda step: 1 - 1 / step
    if isinstance(momentum, (int, float)):
        return momentum
    raise SystemExit(f"this script replays constants and the cumulative average, not {momentum}; "
                     "null means that a layer has several, or measured anew")


def running_statistics(trace, layers, momenta):
    """Mean and variance of each batch-norm layer under its own momentum; they start at 0 and 1."""
    return {layer: (replay(trace[f"{layer}.mean"], beta_of(momentum), 0.0),
                    replay(trace[f"{layer}.variance"], beta_of(momentum), 1.0))
            for layer, momentum in zip(layers, momenta)}


# ---------------------------------------------------------------------- the network

def predict(images, weights, statistics, epsilon):
    """Classes by a multilayer perceptron: dense, norm, ReLU, repeated.

    Norms without statistics are layer norms (BN-BFN).
    """
    x, k = images, 1
    while f"dense{k}.kernel" in weights:
        x = x @ weights[f"dense{k}.kernel"].astype(np.float64)
        mean, variance = statistics.get(f"norm{k}", (x.mean(1, keepdims=True), x.var(1, keepdims=True)))
        x = (x - mean) / np.sqrt(variance + epsilon)
        x = np.maximum(0, x * weights[f"norm{k}.scale"] + weights[f"norm{k}.offset"])
        k += 1
    return (x @ weights["logits.kernel"].astype(np.float64) + weights["logits.bias"]).argmax(1)


# ------------------------------------------------------------------------- the data

def read(path):
    """A file, gzipped or not."""
    packed = path.with_name(path.name + ".gz")
    return gzip.decompress(packed.read_bytes()) if packed.exists() else path.read_bytes()


def load(dataset, folder):
    """(training images, test images, test labels); images [count, pixels], 0 to 255."""
    if dataset == "digits":  # every fifth example of each class is for the test
        rows = np.array([line.split(",") for line in read(folder / "digits.csv").decode().split()], dtype=int)
        images, labels = (rows[:, :64] * 255 + 8) // 16, rows[:, 64]
        test = np.zeros(len(labels), dtype=bool)
        for digit in range(10):
            test[np.flatnonzero(labels == digit)[4::5]] = True
        return images[~test], images[test], labels[test]
    idx = lambda name, header: np.frombuffer(read(folder / name), np.uint8)[header:]
    return (idx("train-images-idx3-ubyte", 16).reshape(-1, 784),
            idx("t10k-images-idx3-ubyte", 16).reshape(-1, 784),
            idx("t10k-labels-idx1-ubyte", 8))


# --------------------------------------------------------------------------- a score

OTHERS = {
    "dmbn-periodic": "goes on from its last choice at every epoch",
    "dmbn-biased": "averages biased variances",
    "dmbn-total": "averages total variances",
}


def reproduce(run, policy, folder):
    """(accuracy recomputed, accuracy in the record, test images that predictions.safetensors has otherwise)."""
    record = json.loads((run / "record.json").read_text())
    manifest, score = record["manifest"], next((s for s in record["scores"] if s["policy"]["slug"] == policy), None)
    if score is None:
        known = ", ".join(score["policy"]["slug"] for score in record["scores"])
        raise SystemExit(f"{policy} is not in this record; it has: {known}")
    if policy in OTHERS:
        raise SystemExit(f"{policy} {OTHERS[policy]}: replay does not, as it stands here")
    train, test, labels = load(manifest["dataset"]["slug"], folder)
    images = (test / 255 - train.mean() / 255) / (train.std() / 255)
    layers = [layer["layer"] for layer in score["esm"]]
    statistics = running_statistics(open_safetensors(run / "trace.safetensors"), layers, score["momentumPerLayer"])
    classes = predict(images, open_safetensors(run / "weights.safetensors"), statistics, manifest["recipe"]["epsilon"])
    published = open_safetensors(run / "predictions.safetensors")[score["method"]]
    return (classes == labels).mean(), score["accuracy"], int((classes != published).sum())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path, help="folder of `dmbench train --out`")
    parser.add_argument("policy", nargs="?", default="pytorch-default",
                        help="its name in the record (default: pytorch-default)")
    digits = Path(__file__).resolve().parent.parent / "datasets" / "digits"
    parser.add_argument("--data", type=Path, default=digits, help="folder of the data set's files")
    options = parser.parse_args()
    accuracy, recorded, differing = reproduce(options.run, options.policy, options.data)
    print(f"{options.policy}: accuracy {accuracy:.4f}, in the record {recorded:.4f}; {differing} predictions differ")
    raise SystemExit(0 if accuracy == recorded and differing == 0 else 1)
