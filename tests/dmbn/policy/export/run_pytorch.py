"""
Runs exported PyTorch programs in double precision, each on the same two-norm network, initial weights and data, and
reports the final statistics of its norms. Reads JSON from standard input and prints JSON; the types are in
two-norm-run.ts.
"""
import itertools
import json
import sys
import traceback
from pathlib import Path

import torch
from torch import nn

sys.path.insert(0, str(Path(__file__).parent / "stand-ins"))

torch.set_num_threads(1)


def doubles(values, *shape):
    """Not PyTorch's default type, so that a program must use the precision of the network, just like its device."""
    return torch.tensor(values, dtype=torch.float64).reshape(shape)


class Network(nn.Module):
    """Channels last except in the norms, so that the weights are the same in every library."""

    def __init__(self, weights):
        super().__init__()
        self.dense = nn.ModuleList(dense_of(**layer) for layer in weights)
        self.norms = nn.ModuleList(nn.BatchNorm1d(layer.out_features) for layer in self.dense[:2])

    def forward(self, x):
        first = self.norms[0](self.dense[0](x).movedim(-1, 1)).movedim(1, -1)
        second = self.norms[1](self.dense[1](first.relu().flatten(1)))
        return self.dense[2](second.relu())


def dense_of(kernel, bias):
    layer = nn.Linear(len(kernel) // len(bias), len(bias)).double()
    with torch.no_grad():
        layer.weight.copy_(doubles(kernel, -1, len(bias)).T)
        layer.bias.copy_(doubles(bias, -1))
    return layer


class Loader:
    """Gives `length` batches per iteration; each iteration continues where the last one stopped."""

    def __init__(self, batches, length):
        self.batches = itertools.cycle(batches)
        self.length = length
        self.batch_size = len(batches[0][0])

    def __len__(self):
        return self.length

    def __iter__(self):
        return itertools.islice(self.batches, self.length)


class Recorder:
    """Records mean and unbiased variance of every training batch before each norm."""

    def __init__(self, norms):
        self.layers = [{"count": 0, "mean": [], "variance": []} for _ in norms]
        for layer, norm in zip(self.layers, norms):
            norm.register_forward_pre_hook(self.hook(layer))

    def hook(self, layer):
        def record(norm, inputs):
            if norm.training and torch.is_grad_enabled():
                x = inputs[0].detach().transpose(0, 1).flatten(1)
                layer["count"] = x.shape[1]
                layer["mean"] += x.mean(1).tolist()
                layer["variance"] += x.var(1).tolist()

        return record


def run(task, code="", after_training=False, calibration_batch=16):
    """Runs `code`, and trains if it doesn't."""
    model = Network(task["weights"]).double()
    norms = model.norms
    recorder = Recorder(norms)
    optimizer = torch.optim.SGD(model.parameters(), lr=task["learningRate"])
    shape = [task["steps"], task["batchSize"]]
    images = doubles(task["images"], *shape, *task["inputShape"])
    targets = doubles(task["targets"], *shape, -1)
    loader = Loader(list(zip(images, targets)), task["stepsPerEpoch"])
    calibration = doubles(task["calibration"], -1, *task["inputShape"]).split(calibration_batch)
    labels = torch.tensor(task["labels"]).split(calibration_batch)
    steps = 0

    def train_step(images, targets):
        nonlocal steps
        steps += 1
        optimizer.zero_grad()
        nn.functional.mse_loss(model(images), targets).backward()
        optimizer.step()

    def train():
        for _ in range(task["epochs"]):
            for batch in loader:
                train_step(*batch)

    if after_training:
        train()
        model.eval()
    names = {
        "model": model,
        "loader": loader,
        "calibration_loader": Loader(list(zip(calibration, labels)), len(calibration)),
        "optimizer": optimizer,
        "train_step": train_step,
        "epochs": task["epochs"],
    }
    exec(compile(code, "program", "exec"), names)
    if steps == 0:
        train()
    return {
        "layers": recorder.layers,
        "weights": [
            {
                "kernel": dense.weight.T.flatten().tolist(),
                "bias": dense.bias.tolist(),
                "scale": norm.weight.tolist(),
                "offset": norm.bias.tolist(),
            }
            for dense, norm in zip(model.dense, norms)
        ],
        "last": {
            "kernel": model.dense[2].weight.T.flatten().tolist(),
            "bias": model.dense[2].bias.tolist(),
        },
        "statistics": [
            {"mean": norm.running_mean.tolist(), "variance": norm.running_var.tolist()} for norm in norms
        ],
    }


def main():
    task, programs = json.load(sys.stdin)
    plain = run(task)

    def outcome(program):
        try:
            report = run(task, **program)
        except Exception:
            return {"error": traceback.format_exc()}
        for part in ("layers", "weights", "last"):
            if report[part] != plain[part]:
                return {"error": f"the program has changed the {part} of the run"}
        return {"statistics": report["statistics"]}

    print(json.dumps({**plain, "outcomes": [outcome(program) for program in programs]}))


main()
