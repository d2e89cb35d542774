"""Reproduces the scores of a DMBench run from the files that `dmbench train --out RUN` wrote.

    python3 reproduce.py RUN [POLICY] [--data FOLDER]

RUN holds record.json and, as safetensors, weights, trace and predictions. The trace
has the mean and variance of every batch at every batch-norm layer, and the record has
each policy's document, so the running statistics under any policy that averages can be
computed anew, years later, without training:

    running = beta * running + (1 - beta) * batch        (beta weighs the OLD value)

For multilayer perceptrons. FOLDER has the data files as published; the digits that
come with DMBench are found by themselves.
Needs Python 3.9, numpy, and dmbn.py in the same folder, which reads and averages the trace.
"""
import argparse, gzip, hashlib, json, re, sys
from pathlib import Path
import numpy as np
try:
    from dmbn import Refusal, Trace, TraceLayer, read_safetensors, replay
except ModuleNotFoundError as missing:
    raise SystemExit(f"{missing}: download dmbn.py into the folder of this script")


# ---------------------------------------------------------------- running statistics

def schedules(document, momenta):
    """For each layer a document of kind "schedule" that gives the statistics of `document`.

    momenta: what the record says that each layer chose.
    """
    kind = document["kind"]
    if kind == "schedule":
        return [document] * len(momenta)
    if kind == "recalibrate":
        raise Refusal("this script averages batches; a policy of kind recalibrate measures anew, "
                      "on calibration examples")
    if document["every"] is not None:
        raise Refusal(f"this policy chooses every {document['every']} epochs, by weights that no file holds: "
                      "its averages can't be computed anew")
    if None in momenta:
        raise Refusal("this policy chooses for each channel, or for mean and variance separately: "
                      "the record has no single beta for each layer")
    chosen = {"varianceMomentum": None, "initial": {"mean": 0, "variance": 1}, "debias": False}
    return [{**chosen, "momentum": beta, "variance": document["variance"]} for beta in momenta]


def running_statistics(tensors, counts, document, score, run):
    """Mean and variance of each batch-norm layer under a policy."""
    names = [layer["layer"] for layer in score["esm"]]
    trace = Trace([TraceLayer(name, tensors[f"{name}.mean"], tensors[f"{name}.variance"],
                              np.full(len(tensors[f"{name}.mean"]), count)) for name, count in zip(names, counts)], run)
    return {name: replay(trace, index, [schedule])[0]
            for index, (name, schedule) in enumerate(zip(names, schedules(document, score["momentumPerLayer"])))}


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

def read(folder, name, optional=False):
    """A published file, gzipped or not, in the folder or one inside it; either spelling of IDX names."""
    for spelling in (name, re.sub(r"-(idx\d)", r".\1", name)):
        for path in sorted(folder.rglob(spelling)) + sorted(folder.rglob(f"{spelling}.gz")):
            return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    if not optional:
        raise Refusal(f"{name} is not in {folder}: name the folder of the data set's files with --data")
    return b""


def load(dataset, folder):
    """(training images, training labels, test images, test labels); images [count, pixels, channels], 0 to 255."""
    if dataset == "digits":  # every fifth example of each class is for the test
        rows = np.array([line.split(",") for line in read(folder, "digits.csv").decode().split()], dtype=int)
        images, labels = ((rows[:, :64] * 255 + 8) // 16).astype(np.uint8)[..., None], rows[:, 64].astype(np.uint8)
        test = np.zeros(len(labels), dtype=bool)
        for digit in range(10):
            test[np.flatnonzero(labels == digit)[4::5]] = True
        return images[~test], labels[~test], images[test], labels[test]
    if dataset.startswith("cifar"):
        coarse_and_fine = dataset.startswith("cifar-100")

        def records(*names):
            data = b"".join(read(folder, name, optional=name[-5] in "2345") for name in names)
            rows = np.frombuffer(data, np.uint8).reshape(-1, (2 if coarse_and_fine else 1) + 3072)
            label = rows[:, 1 if dataset == "cifar-100" else 0]
            return rows[:, -3072:].reshape(-1, 3, 1024).transpose(0, 2, 1), label

        train, test = ((("train.bin",), ("test.bin",)) if coarse_and_fine else
                       (tuple(f"data_batch_{batch}.bin" for batch in range(1, 6)), ("test_batch.bin",)))
        return records(*train) + records(*test)
    idx = lambda name, header: np.frombuffer(read(folder, name), np.uint8)[header:]
    return (idx("train-images-idx3-ubyte", 16).reshape(-1, 784, 1), idx("train-labels-idx1-ubyte", 8),
            idx("t10k-images-idx3-ubyte", 16).reshape(-1, 784, 1), idx("t10k-labels-idx1-ubyte", 8))


# --------------------------------------------------------------------------- a score

def reproduce(run, policy, folder):
    """(accuracy recomputed, accuracy in the record, test images that predictions.safetensors has otherwise)."""
    record = json.loads((run / "record.json").read_text("utf-8-sig"))
    manifest, score = record["manifest"], next((s for s in record["scores"] if s["policy"]["slug"] == policy), None)
    recipe, dataset = manifest["recipe"], manifest["dataset"]
    if score is None:
        known = ", ".join(score["policy"]["slug"] for score in record["scores"])
        raise Refusal(f"{policy} is not in this record; it has: {known}")
    if "document" not in score["policy"]:
        raise Refusal("this record is of an older format, which names its policies but doesn't hold them: "
                      "train the run again to get one that can be reproduced")
    if recipe["model"] not in ("mlp", "mlp-deep"):
        raise Refusal(f"this script knows multilayer perceptrons, not {recipe['model']}")
    trace_file = run / "trace.safetensors"
    if not trace_file.exists():
        raise Refusal("this run has no trace.safetensors: its trace was too large to keep")

    train, train_labels, test, labels = load(dataset["slug"], folder)
    digest = hashlib.sha256()
    for part in (train, train_labels, test, labels):
        digest.update(np.ascontiguousarray(part).tobytes())
    if digest.hexdigest() != dataset["hash"]:
        raise Refusal(f"the files in {folder} are not the data that this run was trained on")
    deviation = train.std((0, 1)) / 255
    images = ((test / 255 - train.mean((0, 1)) / 255) / np.where(deviation > 0, deviation, 1)).reshape(len(test), -1)

    examples = len(train) - recipe["calibrationSize"] - recipe["validationSize"]
    shape = {"epochs": recipe["epochs"], "batchSize": recipe["batchSize"], "learningRate": recipe["learningRate"],
             "stepsPerEpoch": max(1, examples // recipe["batchSize"])}
    # A dense layer's norm sees one value of each channel per example.
    counts = [recipe["batchSize"]] * len(score["esm"])
    statistics = running_statistics(read_safetensors(trace_file)[0], counts, score["policy"]["document"], score, shape)
    classes = predict(images, read_safetensors(run / "weights.safetensors")[0], statistics, recipe["epsilon"])
    published = read_safetensors(run / "predictions.safetensors")[0][score["method"]]
    return (classes == labels).mean(), score["accuracy"], int((classes != published).sum())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path, help="folder of `dmbench train --out`")
    parser.add_argument("policy", nargs="?", default="pytorch-default",
                        help="its name in the record (default: pytorch-default)")
    digits = Path(__file__).resolve().parent.parent / "datasets" / "digits"
    parser.add_argument("--data", type=Path, default=digits, help="folder of the data set's files")
    options = parser.parse_args()
    try:
        accuracy, recorded, differing = reproduce(options.run, options.policy, options.data)
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        raise SystemExit(2)
    print(f"{options.policy}: accuracy {accuracy:.4f}, in the record {recorded:.4f}; {differing} predictions differ")
    raise SystemExit(0 if accuracy == recorded and differing == 0 else 1)
