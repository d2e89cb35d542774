"""Cases of dmbn.py on small PyTorch networks. Prints {case: null, or what went wrong} as JSON.

Each function without underscore is a case, and its first line says what it guarantees.
"""
import copy
import json
import math
import sys
import tempfile
import traceback
import warnings
from pathlib import Path

import numpy as np
import torch
import torch.utils.checkpoint
from torch import nn

root = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(root / "public" / "python"))
import dmbn

torch.set_num_threads(1)


def _close(found, expected, tolerance):
    found, expected = np.asarray(found, np.float64), np.asarray(expected, np.float64)
    assert found.shape == expected.shape, (found.shape, expected.shape)
    worst = (np.abs(found - expected) / (1 + np.abs(expected))).max()
    assert worst <= tolerance, worst


def _refuses(part, act):
    """Checks that act() raises a Refusal that says `part`."""
    try:
        act()
    except dmbn.Refusal as refusal:
        assert part in str(refusal), refusal
    else:
        raise AssertionError(f"nothing was refused; expected: {part}")


def _network(momentum=0.1):
    """Every kind of norm: 3d over [8, 2, 2, 2, 2], 2d over [8, 3, 2, 4], 1d over [8, 4, 6] and [8, 24]."""
    return nn.Sequential(
        nn.Conv3d(1, 2, 1), nn.BatchNorm3d(2, momentum=momentum), nn.ReLU(), nn.Flatten(1), nn.Linear(16, 24),
        nn.Unflatten(1, (3, 2, 4)), nn.BatchNorm2d(3, momentum=momentum), nn.ReLU(), nn.Flatten(1),
        nn.Unflatten(1, (4, 6)), nn.BatchNorm1d(4, momentum=momentum, affine=False), nn.Flatten(1),
        nn.BatchNorm1d(24, momentum=momentum), nn.Linear(24, 5))


def _batches(count, seed=1, size=8):
    generator = torch.Generator().manual_seed(seed)
    return [(torch.randn(size, 1, 2, 2, 2, generator=generator) * 2 + 1,
             torch.randint(5, (size,), generator=generator)) for _ in range(count)]


def _train(model, batches, micro=1):
    optimizer = torch.optim.SGD(model.parameters(), 0.05)
    for step, (images, labels) in enumerate(batches, 1):
        nn.functional.cross_entropy(model(images), labels).backward()
        if step % micro == 0:
            optimizer.step()
            optimizer.zero_grad()


def _trained(seed=0, count=30, **facts):
    torch.manual_seed(seed)
    model = _network()
    with dmbn.Recorder(model, **facts) as recorder:
        _train(model, _batches(count))
    return model, recorder.trace()


def _kept(model):
    """[mean, variance] of each norm by name, as PyTorch keeps them."""
    return {name: (norm.running_mean.numpy(), norm.running_var.numpy()) for name, norm in model.named_modules()
            if isinstance(norm, nn.modules.batchnorm._BatchNorm) and norm.running_mean is not None}


def _same_as_kept(model, trace, beta, tolerance=2e-6):
    kept = _kept(model)
    assert sorted(kept) == sorted(layer.name for layer in trace.layers)
    for index, layer in enumerate(trace.layers):
        for found, expected in zip(dmbn.replay(trace, index, [dmbn.document_of(beta)])[0], kept[layer.name]):
            _close(found, expected, tolerance)


def pytorch_averages():
    """replays what PyTorch's BatchNorm1d, 2d and 3d keep, with momentum 0.1 and None"""
    for momentum, beta in (0.1, "0.9"), (None, "cumulative-average"):
        torch.manual_seed(0)
        model = _network(momentum)
        with dmbn.Recorder(model) as recorder:
            _train(model, _batches(300))
        trace = recorder.trace()
        assert [layer.name for layer in trace.layers] == ["1", "6", "10", "12"]
        assert [int(layer.count[0]) for layer in trace.layers] == [64, 64, 48, 8]
        assert recorder.bytes == 300 * 8 * (2 + 3 + 4 + 24)
        _same_as_kept(model, trace, beta)


def golden_run():
    """records in float64 the golden run's trace to 1e-12, and chooses and predicts as it does"""
    golden = json.loads((root / "tests/fixtures/golden/run-mlp.json").read_text())
    array = lambda value: torch.tensor(value["data"], dtype=torch.float64).reshape(value["shape"])
    kinds = {"dense": lambda a, b, bias=None: nn.Linear(a, b, bias=bias == "bias"),
             "bn": lambda width: nn.BatchNorm1d(width, eps=golden["epsilon"]), "relu": nn.ReLU}
    model = nn.Sequential(*(kinds[kind](*numbers) for kind, *numbers in golden["layers"])).double()
    names = {"kernel": "weight", "bias": "bias", "scale": "weight", "offset": "bias"}
    with torch.no_grad():
        for name, value in golden["initialWeights"].items():
            row, part = name.split(".")
            getattr(model[int(row)], names[part]).copy_(array(value).T if part == "kernel" else array(value))
    images, labels = array(golden["train"]["x"]), torch.tensor(golden["train"]["y"])
    optimizer = torch.optim.SGD(model.parameters(), golden["learningRate"], momentum=golden["sgdMomentum"])
    with dmbn.Recorder(model) as recorder:
        for step in golden["order"]:
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(images[step]), labels[step]).backward()
            optimizer.step()
    trace = recorder.trace()
    assert trace.run == {"batchSize": golden["batchSize"], "steps": len(golden["order"])}
    for layer, expected in zip(trace.layers, golden["trace"]):
        assert layer.mean.dtype == np.float64
        _close(layer.mean, array(expected["mean"]), 1e-12)
        _close(layer.variance, array(expected["varianceUnbiased"]), 1e-12)

    calibration = list(images[: golden["calibrationCount"]].split(24))
    test = [(array(golden["test"]["x"]), torch.tensor(golden["test"]["y"]))]
    outputs = []
    policies = {"sequential": {}, "independent": {"order": "independent"}, "perChannel": {"granularity": "channel"}}
    candidates = [str(beta) for beta in golden["candidates"]]
    documents = [{"kind": "select", "candidates": candidates, **settings} for settings in policies.values()]
    table = dmbn.scores(model, trace, calibration, test, [*documents, "precise-bn", *candidates],
                        metric=lambda found, _: outputs.append(found) or 0)
    selection = golden["selection"]
    outputs = outputs[-len(table):]  # after the trial
    expected = [*(selection[name] for name in policies), selection["precise"],
                *(selection["static"][beta] for beta in candidates)]
    for row, found, outcome in zip(table, outputs, expected):
        _close(found, array(outcome["testLogits"]), 1e-11)
    for name, row in list(zip(policies, table))[:2]:
        assert list(row.fit.momentum.values()) == selection[name]["momentum"], name
        for shift, esm, beta in zip(row.fit.shift.values(), selection[name]["esmTable"], row.fit.momentum.values()):
            _close(sum(shift), esm[golden["candidates"].index(beta)], 1e-11)


def round_trip():
    """reads back the trace that it saved, bit by bit, and refuses other files"""
    model, trace = _trained(steps_per_epoch=10, learning_rate=0.05)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "trace.safetensors"
        trace.save(path)
        again = dmbn.load_trace(path)
        assert again.run == trace.run == {"batchSize": 8, "steps": 30, "stepsPerEpoch": 10, "learningRate": 0.05}
        for layer, read in zip(trace.layers, again.layers):
            assert layer.name == read.name
            for key in "mean", "variance", "count":
                assert getattr(layer, key).dtype == getattr(read, key).dtype
                assert getattr(layer, key).tobytes() == getattr(read, key).tobytes()
        path.write_bytes(path.read_bytes()[:-4])
        _refuses("is cut off", lambda: dmbn.load_trace(path))
        dmbn.save_safetensors(path, {"a": np.zeros(2, np.float32)}, {})
        _refuses("is no trace", lambda: dmbn.load_trace(path))


def accumulation():
    """records each micro-batch of gradient accumulation, as PyTorch averages them"""
    torch.manual_seed(0)
    model = _network()
    with dmbn.Recorder(model) as recorder:
        _train(model, _batches(20), micro=4)
    assert recorder.trace().steps == 20
    _same_as_kept(model, recorder.trace(), 0.9)


class _Twice(nn.Module):
    """The same norm before and after a layer."""

    def __init__(self):
        super().__init__()
        self.first, self.norm, self.second, self.last = (
            nn.Linear(8, 6), nn.BatchNorm1d(6), nn.Linear(6, 6), nn.Linear(6, 5))

    def forward(self, x):
        return self.last(self.norm(self.second(self.norm(self.first(x.flatten(1))).relu())).relu())


def called_twice():
    """records both calls of a layer that a step calls twice; scores averages, and says why DMBN can't be measured"""
    torch.manual_seed(0)
    model = _Twice()
    with dmbn.Recorder(model, steps_per_epoch=5) as recorder:
        _train(model, _batches(15))
    trace = recorder.trace()
    assert trace.steps == 15 and [layer.mean.shape for layer in trace.layers] == [(30, 6)]
    (until_second_epoch,) = dmbn.replay(trace, 0, [dmbn.document_of("epoch < 2 ? 0 : 1")])
    _close(until_second_epoch.mean, trace.layers[0].mean[19], 1e-12)
    _same_as_kept(model, trace, 0.9)
    by_rank, dmbn_row, precise, in_batches = dmbn.scores(model, trace, _batches(3, 5), _batches(3, 6),
                                                         ["0.9", "dmbn", "precise-bn", "torch-update-bn"])
    assert by_rank.metric is not None and by_rank.fit.shift["norm"][0] > 0
    assert in_batches.metric is not None
    for row in dmbn_row, precise:
        assert "norm is called 2 times in a forward pass" in row.refused, row.refused


class _Checkpointed(nn.Module):
    """A block that the backward pass repeats, with a norm at its end."""

    def __init__(self, reentrant):
        super().__init__()
        self.first, self.block, self.last = (
            nn.Linear(8, 6), nn.Sequential(nn.Linear(6, 6), nn.BatchNorm1d(6)), nn.Linear(6, 5))
        self.reentrant = reentrant

    def forward(self, x):
        x = self.first(x.flatten(1))
        return self.last(torch.utils.checkpoint.checkpoint(self.block, x, use_reentrant=self.reentrant))


def activation_checkpointing():
    """records the repeated passes of activation checkpointing, in which PyTorch averages once more"""
    for reentrant in True, False:
        torch.manual_seed(0)
        model = _Checkpointed(reentrant)
        with dmbn.Recorder(model) as recorder:
            _train(model, _batches(12))
        assert recorder.trace().steps == 12 and len(recorder.trace().layers[0].mean) == 24
        _same_as_kept(model, recorder.trace(), 0.9)


def mixed_precision():
    """computes statistics in float32 where a layer gets bfloat16, as PyTorch does for its averages"""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Flatten(), nn.Linear(8, 6), nn.BatchNorm1d(6))
    got = []
    model[2].register_forward_pre_hook(lambda _, inputs: got.append(inputs[0].detach()))
    with dmbn.Recorder(model) as recorder, torch.autocast("cpu", torch.bfloat16):
        for images, _ in _batches(10):
            model(images)
    assert got[0].dtype == torch.bfloat16
    (layer,) = recorder.trace().layers
    assert layer.mean.dtype == np.float32
    exact = torch.stack(got).double()
    _close(layer.mean, exact.mean(1), 1e-6)
    _close(layer.variance, exact.var(1), 1e-6)
    _same_as_kept(model, recorder.trace(), 0.9)


def what_is_recorded():
    """records in training mode alone, only layers that keep running statistics, and nothing after its end"""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Flatten(), nn.BatchNorm1d(8), nn.BatchNorm1d(8, track_running_stats=False), nn.Linear(8, 5))
    (images, _), *_ = _batches(1)
    with dmbn.Recorder(model) as recorder:
        _refuses("no batch was recorded", recorder.trace)
        model(images)
        model.eval()(images)
        model.train()
    model(images)
    assert [(layer.name, len(layer.mean)) for layer in recorder.trace().layers] == [("1", 1)]


def limited_memory():
    """warns and refuses the trace when it would take more than max_bytes"""
    model = _network()
    with warnings.catch_warnings(record=True) as warned, dmbn.Recorder(model, max_bytes=1000) as recorder:
        warnings.simplefilter("always")
        _train(model, _batches(9))
    assert [str(each.message) for each in warned if "recording has stopped" in str(each.message)][1:] == []
    assert len([each for each in warned if "more than 1000 bytes" in str(each.message)]) == 1
    assert recorder.bytes <= 1000 + 8 * 24
    _refuses("recording stopped at max_bytes = 1000", recorder.trace)


def several_processes():
    """records a model in DistributedDataParallel by its own names; refuses DataParallel and several SyncBatchNorms"""
    from torch import distributed
    with tempfile.NamedTemporaryFile() as store:
        distributed.init_process_group("gloo", init_method=f"file://{store.name}", rank=0, world_size=1)
        try:
            model = nn.parallel.DistributedDataParallel(_network())
            with dmbn.Recorder(model) as recorder:
                _train(model, _batches(3))
            _same_as_kept(model.module, recorder.trace(), 0.9)
            assert dmbn.scores(model, recorder.trace(), _batches(2), _batches(2), ["dmbn"])[0].metric is not None
            synchronized = nn.SyncBatchNorm.convert_sync_batchnorm(_network())
            dmbn.Recorder(synchronized).close()
            size, distributed.get_world_size = distributed.get_world_size, lambda *_: 2
            _refuses("SyncBatchNorm averages the batches of all processes", lambda: dmbn.Recorder(synchronized))
            distributed.get_world_size = size
        finally:
            distributed.destroy_process_group()
    _refuses("DataParallel averages", lambda: dmbn.Recorder(nn.DataParallel(_network())))


def compiled_model():
    """records a model of torch.compile by its own names, where PyTorch has that"""
    if not hasattr(torch, "compile"):
        return
    torch.manual_seed(0)
    model = _network()
    faster = torch.compile(model, backend="eager")
    with dmbn.Recorder(faster) as recorder:
        _train(faster, _batches(20))
    assert recorder.trace().steps == 20
    _same_as_kept(model, recorder.trace(), 0.9)


def leaves_the_model_alone():
    """leaves weights, statistics and modes as they were when it scores, also if the metric fails"""
    model, trace = _trained()
    model[3].eval()
    before, modes = copy.deepcopy(model.state_dict()), [module.training for module in model.modules()]

    def unchanged():
        for name, value in model.state_dict().items():
            assert torch.equal(value, before[name]), name
        assert [module.training for module in model.modules()] == modes
        assert not any(module._forward_hooks or module._forward_pre_hooks for module in model.modules())

    dmbn.scores(model, trace, _batches(9, 5), _batches(2, 6))
    unchanged()
    calls = []

    def fails(outputs, labels):
        calls.append(1)
        raise ZeroDivisionError

    try:
        dmbn.scores(model, trace, _batches(2, 5), _batches(2, 6), ["dmbn"], metric=fails)
    except ZeroDivisionError:
        unchanged()
    assert calls


def applies():
    """writes the statistics of a policy, and no more, so that the model scores as the table says"""
    model, trace = _trained()
    calibration, test = _batches(6, 5), _batches(6, 6)
    outputs = []
    (row,) = dmbn.scores(model, trace, calibration, test, ["dmbn"],
                         metric=lambda found, labels: outputs.append(found) or dmbn.accuracy(found, labels))
    before = copy.deepcopy(model.state_dict())
    fit = dmbn.apply(model, "dmbn", trace, calibration)
    assert fit.momentum == row.fit.momentum and model.training
    changed = {name for name, value in model.state_dict().items() if not torch.equal(value, before[name])}
    assert changed == {f"{layer.name}.running_{part}" for layer in trace.layers for part in ("mean", "var")}, changed
    with torch.no_grad():
        found = model.eval()(torch.cat([images for images, _ in test]))
    _close(found, outputs[-1], 1e-5)
    plain = dmbn.apply(model, 0.5, trace)
    assert plain.shift == {} and set(plain.momentum.values()) == {0.5}
    for index, layer in enumerate(trace.layers):
        expected = dmbn.replay(trace, index, [dmbn.document_of(0.5)])[0]
        _close(_kept(model)[layer.name][0], expected.mean, 1e-6)


def recalibrates():
    """recalibrates as torch.optim.swa_utils.update_bn does, and leaves mode and momentum"""
    model, _ = _trained()
    theirs = copy.deepcopy(model)
    batches = _batches(7, 9)
    torch.optim.swa_utils.update_bn(batches, theirs)
    model.eval()
    dmbn.recalibrate(model, batches)
    assert not model.training and model[1].momentum == 0.1
    for name, values in _kept(theirs).items():
        for found, expected in zip(_kept(model)[name], values):
            _close(found, expected, 1e-6)
    _refuses("there are no batches", lambda: dmbn.recalibrate(model, []))


def choices_of_labels():
    """chooses by labels where the calibration batches have them, and else says that they have none"""
    model, trace = _trained(count=60)
    calibration, test = _batches(12, 5), _batches(4, 6)
    names = ["best-by-loss", "best-by-accuracy"]
    for row in dmbn.scores(model, trace, calibration, test, names):
        by = row.document["by"]
        costs = {}
        for variance in dmbn.ESTIMATORS:
            for beta in dmbn.CANDIDATES:
                tried = copy.deepcopy(model)
                dmbn.apply(tried, {"kind": "schedule", "momentum": beta, "variance": variance}, trace)
                images, labels = (torch.cat(parts) for parts in zip(*calibration))
                with torch.no_grad():
                    found = tried.eval()(images)
                costs[beta, variance] = (nn.functional.cross_entropy(found, labels).item() if by == "loss"
                                         else (found.argmax(1) != labels).double().mean().item())
        least = min(costs.values())
        betas = {dmbn._single(beta) for (beta, _), cost in costs.items() if cost <= least + 1e-6}
        assert set(row.fit.momentum.values()) <= betas, (row.fit.momentum, betas)
        assert len(set(costs.values())) > 3
    for row in dmbn.scores(model, trace, [images for images, _ in calibration], test, names):
        assert row.refused == "it chooses by labels, and the calibration batches have none"


def facts_of_the_run():
    """says which policies read what the recorder wasn't told, and scores them where it was"""
    model, trace = _trained()
    calibration, test = _batches(3, 5), _batches(3, 6)
    (row,) = dmbn.scores(model, trace, calibration, test, ["votenet"])
    assert "reads epoch, which the trace doesn't say" in row.refused
    model, trace = _trained(steps_per_epoch=10)
    (row,) = dmbn.scores(model, trace, calibration, test, ["epoch < 2 ? 0 : 1"])
    for index, layer in enumerate(trace.layers):  # the last batch of the second epoch
        _close(row.fit.statistics[layer.name].mean, layer.mean[19], 1e-12)
    _refuses("is 1.5 at step 3: outside 0 to 1", lambda: dmbn.apply(model, "step / 2", trace))


def refusals():
    """refuses what it can't do in a sentence that names it"""
    model, trace = _trained()
    calibration, test = _batches(3, 5), _batches(3, 6)
    score = lambda model=model, trace=trace, calibration=calibration, test=test, policies=("dmbn",): (
        dmbn.scores(model, trace, calibration, test, list(policies)))
    _refuses("no batch norm that keeps running statistics", lambda: dmbn.Recorder(nn.Linear(2, 2)))
    _refuses("no batch norm that keeps running statistics", lambda: score(model=nn.Linear(2, 2)))
    narrow = nn.Sequential(*model[:-2], nn.BatchNorm1d(7))
    _refuses("12 has 7 channels, and the trace one with 24", lambda: score(model=narrow))
    wide = nn.Sequential(*model, nn.BatchNorm1d(5))
    _refuses("14 has 5 channels, and the trace none", lambda: score(model=wide))
    _refuses("this one has no batch norm 12", lambda: score(model=nn.Sequential(*model[:11])))
    missing = dmbn.Trace(trace.layers[1:])
    _refuses("1 has 2 channels, and the trace none", lambda: score(trace=missing))
    _refuses("'nope' is neither a policy (pytorch-default, ", lambda: score(policies=["nope"]))
    _refuses("'dmbn-2' is neither", lambda: dmbn.scores(model, trace, calibration, test, "dmbn-2"))
    for wrong in "0.9 0.8", "min(0.9", "1 +", "(0.9", "true ? 1 : 0", "1 ? 1", "pow", "":
        _refuses("neither a policy", lambda: score(policies=[wrong]))
    _refuses("kind of a policy", lambda: score(policies=[{"kind": "constant"}]))
    _refuses("no setting 'beta'", lambda: score(policies=[{"kind": "schedule", "beta": 1}]))
    _refuses("needs a momentum", lambda: score(policies=[{"kind": "schedule"}]))
    _refuses("variance is 'half': expected", lambda: score(policies=[{"kind": "select", "variance": "half"}]))
    _refuses("there are no calibration examples", lambda: score(calibration=[]))
    _refuses("there are no calibration examples", lambda: score(calibration=[(torch.zeros(0, 1, 2, 2, 2), None)]))
    _refuses("there are no test examples", lambda: score(test=[]))
    _refuses("there are no test examples", lambda: score(test=[(torch.zeros(0, 1, 2, 2, 2), torch.zeros(0))]))
    _refuses("got one tensor", lambda: score(calibration=calibration[0][0]))
    _refuses("(inputs, labels); got dict", lambda: score(test=[{"x": 1}]))
    _refuses("the test batches have no labels", lambda: score(test=[images for images, _ in test]))
    broken = [(images.clone().fill_(float("nan")), labels) for images, labels in calibration]
    _refuses("a batch has an input that is not finite", lambda: score(calibration=broken))
    _refuses("a batch has an input that is not finite", lambda: score(test=broken))
    _refuses("give calibration batches", lambda: dmbn.apply(model, "dmbn", trace))
    _refuses("give calibration batches", lambda: dmbn.apply(model, "torch-update-bn", trace))
    with dmbn.Recorder(model) as recorder:
        model(calibration[0][0])
        model(broken[0][0])
    _refuses("1: batch 2 has a mean or variance that is not finite", recorder.trace)


class _Auxiliary(nn.Module):
    """A head that inference doesn't reach."""

    def __init__(self):
        super().__init__()
        self.main, self.aside = _network(), nn.Sequential(nn.Flatten(), nn.BatchNorm1d(8), nn.Linear(8, 5))

    def forward(self, x):
        return self.main(x) + self.aside(x) if self.training else self.main(x)


def unreached():
    """scores a network that has batch norms which inference doesn't reach"""
    torch.manual_seed(0)
    model = _Auxiliary()
    with dmbn.Recorder(model) as recorder:
        _train(model, _batches(20))
    table = dmbn.scores(model, recorder.trace(), _batches(9, 5), _batches(3, 6), ["0.9", "dmbn", "fvcore-precise-bn"])
    assert all(row.metric is not None for row in table), str(table)
    assert "aside.1: beta 0.9, not reached" in str(table[0])


def printed():
    """prints a table with the best first, and a policy with a line for each layer"""
    model, trace = _trained()

    def fit(outputs, labels):
        return -nn.functional.cross_entropy(outputs, labels).item()

    table = dmbn.scores(model, trace, _batches(6, 5), _batches(12, 6), ["0.9", "dmbn", "dmbn-periodic", 0.99], fit)
    head, *rows = str(table).split("\n")
    assert head.split()[:3] == ["policy", "fit", "shift"]
    assert rows[0].split()[0] == table.best.policy
    metrics = [row.metric for row in table if row.metric is not None]
    assert table.best.metric == max(metrics) > min(metrics)
    assert rows[-1].startswith("dmbn-periodic") and "not scored: it chooses during training" in rows[-1]
    assert "0.9 x4" in str(table)
    assert str(table[1]).startswith("dmbn: -") and len(str(table[1]).split("\n")) == 5


def saved():
    """saves a table to publish, with the class of every test example, and refuses one that lacks something"""
    model, trace = _trained()
    test = _batches(12, 6)
    policies = ["pytorch-default", "0.5", {"kind": "recalibrate", "samples": 16}, "dmbn-periodic"]
    score = lambda **options: dmbn.scores(model, trace, _batches(6, 5), test, policies, **options)
    table = score(keep_predictions=True)
    assert [row.predictions is None for row in table] == [False, False, False, True]
    labels = torch.cat([labels for _, labels in test]).numpy()
    for row in table[:3]:
        assert row.predictions.dtype == np.uint8 and (row.predictions == labels).mean() == row.metric
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder) / "new"
        table.save(folder, "A network", dataset="digits", classes=5, learning_rate="0.05")
        record = json.loads((folder / "external.json").read_text("utf-8"))
        tensors, _ = dmbn.read_safetensors(folder / "predictions.safetensors")
        _close(tensors["0.5"], table[1].predictions, 0)
        assert list(tensors) == [method["policy"] for method in record["methods"]]
        assert record["training"] == {"batchSize": 8, "steps": 30, "epochs": None, "learningRate": "0.05"}
        assert record["network"]["batchNorms"] == 4 and record["network"]["channels"] == 33
        assert [method.get("document") for method in record["methods"]] == [
            None,
            {"kind": "schedule", "momentum": "0.5", "initial": {"mean": 0, "variance": 1}, "debias": False,
             "variance": "unbiased"},
            {"kind": "recalibrate", "samples": 16}]
        score().save(folder, "A network", task="Leaves", classes=5)
        _refuses("keep_predictions=True", lambda: score().save(folder, "A network", dataset="digits", classes=5))
        _refuses("say what the data is", lambda: table.save(folder, "A network", classes=5))
        broken = dmbn.scores(model, trace, _batches(6, 5), test, ["0.5"], lambda *_: math.nan)
        _refuses("is nan, which is no figure", lambda: broken.save(folder, "A network", task="Leaves", classes=5))


def _outcome(case):
    try:
        case()
    except Exception:
        return traceback.format_exc()


print(json.dumps({name: _outcome(case) for name, case in list(globals().items())
                  if callable(case) and getattr(case, "__module__", "") == "__main__" and name[0] != "_"}))
