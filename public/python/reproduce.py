"""Reproduces the scores of a DMBench run from the files that `dmbench train --out RUN` wrote.

    python3 reproduce.py RUN [POLICY] [--data FOLDER]

RUN holds record.json and, as safetensors, weights, trace and predictions. The trace
has the mean and variance of every batch at every batch-norm layer, and the record has
each policy's document, so the running statistics under any policy that averages can be
computed anew, years later, without training:

    running = beta * running + (1 - beta) * batch        (beta weighs the OLD value)

For multilayer perceptrons. FOLDER has the data files as published; the digits that
come with DMBench are found by themselves.
Needs Python 3.9 and numpy; uses the safetensors package where it is installed.
"""
import argparse, gzip, hashlib, json, math, re, struct, sys
from functools import lru_cache
from pathlib import Path
import numpy as np


class Refusal(SystemExit):
    """What this script can't do, in a sentence; exit code 2."""

    def __init__(self, sentence):
        super().__init__(2)
        print(sentence, file=sys.stderr)


def open_safetensors(path):
    """Arrays by name: eight bytes of length, a JSON header, then the numbers."""
    try:
        from safetensors.numpy import load_file
        return load_file(path)
    except ImportError:
        data = Path(path).read_bytes()
        (length,) = struct.unpack("<Q", data[:8])
        header, numbers = json.loads(data[8 : 8 + length]), data[8 + length :]
        types = {"F32": "<f4", "F64": "<f8", "U8": "u1", "I32": "<i4"}
        return {name: np.frombuffer(numbers[slice(*entry["data_offsets"])], types[entry["dtype"]])
                .reshape(entry["shape"])
                for name, entry in header.items() if name != "__metadata__"}


# ------------------------------------------------------------- momentum expressions

def power(x, y):
    """x to the y as in JavaScript, where 1 to the infinity is no number."""
    return np.float64(math.nan) if math.isnan(y) or (abs(x) == 1 and math.isinf(y)) else np.power(x, y)


OPERATORS = [  # loosest first
    {"||": lambda x, y: np.float64(x != 0 or y != 0)},
    {"&&": lambda x, y: np.float64(x != 0 and y != 0)},
    {"==": lambda x, y: np.float64(x == y), "!=": lambda x, y: np.float64(x != y)},
    {"<": lambda x, y: np.float64(x < y), "<=": lambda x, y: np.float64(x <= y),
     ">": lambda x, y: np.float64(x > y), ">=": lambda x, y: np.float64(x >= y)},
    {"+": lambda x, y: x + y, "-": lambda x, y: x - y},
    {"*": lambda x, y: x * y, "/": lambda x, y: x / y, "%": np.fmod},
]
FUNCTIONS = {
    "min": lambda *values: np.minimum.reduce(values), "max": lambda *values: np.maximum.reduce(values),
    "clamp": lambda x, low, high: np.minimum(np.maximum(x, low), high),
    "abs": np.abs, "floor": np.floor, "ceil": np.ceil, "round": lambda x: np.floor(x + 0.5), "sqrt": np.sqrt,
    "exp": np.exp, "log": np.log, "pow": power, "sin": np.sin, "cos": np.cos, "tanh": np.tanh,
}
TOKEN = re.compile(r"\s*((?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|\w+|[=!<>]=|&&|\|\||[-+*/%^<>!?:(),])")


@lru_cache(maxsize=None)
def compiled(expression):
    """The function of an expression: from its variables, a dictionary, to its value."""
    tokens = TOKEN.findall(expression) + [""]
    if "".join(tokens) != re.sub(r"\s", "", expression):
        raise Refusal(f"{expression} is no expression that this script reads")

    def take(token):
        if tokens[0] == token:
            return tokens.pop(0)

    def condition():
        test = binary(0)
        if not take("?"):
            return test
        yes = condition()
        take(":")
        no = condition()
        return lambda names: yes(names) if test(names) != 0 else no(names)

    def binary(level):
        if level == len(OPERATORS):
            return unary()
        left = binary(level + 1)
        while tokens[0] in OPERATORS[level]:
            apply, first, second = OPERATORS[level][tokens.pop(0)], left, binary(level + 1)
            left = lambda names, apply=apply, first=first, second=second: apply(first(names), second(names))
        return left

    def unary():
        if take("-"):
            negated = unary()
            return lambda names: -negated(names)
        if take("!"):
            tested = unary()
            return lambda names: np.float64(tested(names) == 0)
        base = operand()
        if not take("^"):
            return base
        exponent = unary()
        return lambda names: power(base(names), exponent(names))

    def operand():
        token = tokens.pop(0)
        if token == "(":
            inner = condition()
            take(")")
            return inner
        if take("("):
            values = [condition()]
            while take(","):
                values.append(condition())
            take(")")
            return lambda names: FUNCTIONS[token](*(value(names) for value in values))
        if token[0].isdigit() or token[0] == ".":
            return lambda names, number=np.float64(token): number
        if token in ("pi", "e"):
            return lambda names: np.float64(math.pi if token == "pi" else math.e)
        return lambda names: np.float64(names[token])

    return condition()


def momentum(expression, names):
    """Beta, which may miss 0 or 1 by rounding."""
    with np.errstate(all="ignore"):
        beta = compiled(expression)(names) if isinstance(expression, str) else expression
    if not -1e-10 <= beta <= 1 + 1e-10:
        raise Refusal(f"beta = {expression} is {beta} at step {names['step']}: outside 0 to 1")
    return min(max(float(beta), 0.0), 1.0)


# ---------------------------------------------------------------- running statistics

def replay(mean, variance, count, schedule, names):
    """One layer's running mean and variance, as training would have averaged them.

    mean, variance: of each batch, [steps, channels], the variance unbiased over count values.
    schedule: a document of kind "schedule". names: what its expressions may read.
    """
    start = schedule["initial"]
    running = np.full(mean.shape[1], start["mean"], np.float64)
    spread = np.full(mean.shape[1], start["variance"], np.float64)
    gathered = [0.0, 0.0] if schedule["debias"] else [1.0, 1.0]  # the weight of all batches so far, or all there is
    biased = (count - 1) / count if count > 1 else 0.0
    factor = 1.0 if schedule["variance"] == "unbiased" else biased

    def shares(beta, which):
        """What the old estimate and the batch weigh in the new one; debiased, both are divided by their sum."""
        old, new = beta * gathered[which], 1 - beta
        gathered[which] = old + new
        return (old / gathered[which], new / gathered[which]) if gathered[which] > 0 else (1.0, 0.0)

    for step, (batch, batch_variance) in enumerate(zip(mean.astype(np.float64), variance.astype(np.float64)), 1):
        now = {**names, "step": step, "epoch": (step - 1) // names["stepsPerEpoch"]}
        beta = momentum(schedule["momentum"], now)
        other = schedule["varianceMomentum"]
        old, new = shares(beta, 0)
        spread_old, spread_new = shares(beta if other is None else momentum(other, now), 1)
        between = spread_old * spread_new if schedule["variance"] == "total" else 0.0
        spread = spread_old * spread + spread_new * factor * batch_variance + between * (batch - running) ** 2
        running = old * running + new * batch
    return running, spread


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


def running_statistics(trace, counts, document, score, names):
    """Mean and variance of each batch-norm layer under a policy."""
    layers = [layer["layer"] for layer in score["esm"]]
    names = {**names, "layers": len(layers)}
    return {layer: replay(trace[f"{layer}.mean"], trace[f"{layer}.variance"], count, schedule,
                          {**names, "layer": index, "channels": trace[f"{layer}.mean"].shape[1]})
            for index, (layer, count, schedule)
            in enumerate(zip(layers, counts, schedules(document, score["momentumPerLayer"])))}


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
    names = {"steps": manifest["steps"], "epochs": recipe["epochs"], "batchSize": recipe["batchSize"],
             "learningRate": recipe["learningRate"], "stepsPerEpoch": max(1, examples // recipe["batchSize"])}
    # A dense layer's norm sees one value of each channel per example.
    counts = [recipe["batchSize"]] * len(score["esm"])
    statistics = running_statistics(open_safetensors(trace_file), counts, score["policy"]["document"], score, names)
    classes = predict(images, open_safetensors(run / "weights.safetensors"), statistics, recipe["epsilon"])
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
