"""Batch-norm momentum on your own network: record a training run once, then score every policy on it.

    from dmbn import Recorder, apply, scores

    with Recorder(model, steps_per_epoch=len(loader)) as recorder:
        train(model, loader)  # yours, unchanged
    recorder.save("trace.safetensors")
    table = scores(model, recorder.trace(), calibration, validation)
    print(table)
    apply(model, table.best.policy, recorder.trace(), calibration)
    table.save("my-network", "Narrow ResNet-18", task="Leaves", classes=3)  # for `dmbench submit external`

Training never reads running statistics, so a policy doesn't change the weights: from the statistics of every
batch, those under any momentum follow afterwards, as if it had been set in training. (Not where training looks at
inference: early stopping, a checkpoint chosen by validation, a teacher in inference mode.)

Beta weighs the OLD value: running = beta * running + (1 - beta) * batch. PyTorch's momentum is 1 - beta.

Trace and replay need Python 3.9 and NumPy; the rest needs PyTorch, tried with 1.13 and 2.13. A policy is the name of
one in POLICIES, a number or expression of beta such as "1 - 1 / step", or a document as on the site's policy pages.
Estimation shift: Huang et al., CVPR 2022. DMBN: Srujan, MTech dissertation, Indian Statistical Institute Kolkata,
2025, as DMBench reads it: each layer gets the beta with the least estimation shift.
"""
from __future__ import annotations

import itertools
import json
import math
import re
import struct
import warnings
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache, reduce
from pathlib import Path
from typing import Any, Callable, Iterable, Iterator, Mapping, NamedTuple, Optional, Sequence, Union

import numpy as np

Document = Mapping[str, Any]
Policy = Union[str, float, Document]


class Refusal(ValueError):
    """What this module can't do, in a sentence."""


# ------------------------------------------------------------------------- the trace

class Statistics(NamedTuple):
    """Mean and variance of each channel, float64 [channels]."""

    mean: np.ndarray
    variance: np.ndarray


@dataclass(frozen=True)
class TraceLayer:
    """One batch norm's batches, in the order in which its running statistics were updated.

    mean, variance: [updates, channels], float32 (float64 where the layer is); the variance divided by n - 1, and 0
    where n is 1. count: n, the values of a channel in each batch (examples times positions), [updates].
    """

    name: str
    mean: np.ndarray
    variance: np.ndarray
    count: np.ndarray


@dataclass(frozen=True)
class Trace:
    """The batches of every batch norm, in forward order, and what policies may read about the run.

    run: any of steps, stepsPerEpoch, epochs, batchSize, learningRate; a policy that reads what isn't there is refused.
    Raises Refusal if there are no batches or a statistic is not finite.
    """

    layers: Sequence[TraceLayer]
    run: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.layers:
            raise Refusal("no batch was recorded: batch norms must be in training mode (model.train()) while it runs")
        for layer in self.layers:
            finite = (np.isfinite(layer.mean) & np.isfinite(layer.variance)).all(1)
            if not finite.all():
                first = int(finite.argmin()) + 1
                raise Refusal(f"{layer.name}: batch {first} has a mean or variance that is not finite")

    @property
    def steps(self) -> int:
        """Forward passes in training; where that isn't known, updates of the layer that has the fewest."""
        return int(self.run.get("steps") or min(len(layer.mean) for layer in self.layers))

    def save(self, path: Union[str, Path]) -> None:
        """Writes safetensors: trace/NAME.mean and .variance [updates, channels] as in DMBench's trajectories,
        trace/NAME.count int32 [updates], and layers and run as JSON in the metadata."""
        names = [layer.name for layer in self.layers]
        header = {"format": TRACE_FORMAT, "layers": names, "run": dict(self.run)}
        tensors = {f"trace/{layer.name}.{key}": getattr(layer, key)
                   for layer in self.layers for key in ("mean", "variance", "count")}
        save_safetensors(path, tensors, {"trace": json.dumps(header)})


TRACE_FORMAT = "dmbench-trace-1"


def load_trace(path: Union[str, Path]) -> Trace:
    """A trace that was saved here, or that of one of DMBench's trajectories. Raises Refusal for another file."""
    tensors, metadata = read_safetensors(path)
    header = json.loads(metadata.get("trace") or metadata.get("trajectory") or "{}")
    if header.get("format") == TRACE_FORMAT:
        return Trace([TraceLayer(name, *(tensors[f"trace/{name}.{key}"] for key in ("mean", "variance", "count")))
                      for name in header["layers"]], header["run"])
    if header.get("format") != "dmbench-trajectory-1":
        raise Refusal(f"{path} is no trace: it has neither the format {TRACE_FORMAT} nor that of a trajectory")
    recipe, steps = header["recipe"], header["steps"]
    run = {key: recipe[key] for key in ("epochs", "batchSize", "learningRate")}
    if recipe["maxSteps"] is None:  # else nothing in the file tells
        run["stepsPerEpoch"] = steps // recipe["epochs"]
    return Trace([TraceLayer(layer["name"], tensors[f"trace/{layer['name']}.mean"],
                             tensors[f"trace/{layer['name']}.variance"], np.full(steps, layer["count"], np.int32))
                  for layer in header["layers"]], run)


DTYPES = {"F32": "<f4", "F64": "<f8", "U8": "|u1", "I32": "<i4"}


def read_safetensors(path: Union[str, Path]) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """Arrays by name, and metadata. Eight bytes of length, a JSON header, then the numbers.

    https://github.com/huggingface/safetensors. Raises Refusal for a file that isn't one.
    """
    data = Path(path).read_bytes()
    try:
        (length,) = struct.unpack("<Q", data[:8])
        header, numbers = json.loads(data[8 : 8 + length]), data[8 + length :]
        metadata = header.pop("__metadata__", {})
        return {name: np.frombuffer(numbers[slice(*entry["data_offsets"])], DTYPES[entry["dtype"]])
                .reshape(entry["shape"]) for name, entry in header.items()}, metadata
    except (struct.error, ValueError, KeyError, AttributeError) as error:
        raise Refusal(f"{path} is no safetensors file of DMBench's, or is cut off") from error


def save_safetensors(path: Union[str, Path], tensors: Mapping[str, np.ndarray], metadata: Mapping[str, str]) -> None:
    """Writes arrays of the types in DTYPES, with text as metadata."""
    header: dict[str, Any] = {"__metadata__": dict(metadata)}
    parts, end = [], 0
    for name, array in tensors.items():
        dtype = next(key for key, value in DTYPES.items() if np.dtype(value) == array.dtype)
        parts.append(np.ascontiguousarray(array, DTYPES[dtype]).tobytes())
        header[name] = {"dtype": dtype, "shape": array.shape, "data_offsets": [end, end + len(parts[-1])]}
        end += len(parts[-1])
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)  # so that the numbers are aligned
    Path(path).write_bytes(struct.pack("<Q", len(text)) + text + b"".join(parts))


# --------------------------------------------------------------------------- policies

CANDIDATES = ["0", "0.5", "0.8", "0.9", "0.95", "0.98", "0.99", "0.995", "0.997", "0.999", "0.9995", "1 - 1 / step"]
DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "schedule": {"momentum": None, "varianceMomentum": None, "initial": {"mean": 0, "variance": 1}, "debias": False,
                 "variance": "unbiased"},
    "select": {"candidates": CANDIDATES, "by": "estimation-shift", "granularity": "layer", "order": "sequential",
               "parameters": "joint", "every": None, "variance": "unbiased", "estimators": None},
    "recalibrate": {"samples": None, "batches": None, "correction": None},
}
ESTIMATORS = ["unbiased", "biased", "total"]


def _beta(momentum: str, variance: str = "unbiased", **settings: Any) -> Document:
    return {"kind": "schedule", "momentum": momentum, "variance": variance, **settings}


def _select(**settings: Any) -> Document:
    return {"kind": "select", **settings}


def _recalibrate(**settings: Any) -> Document:
    return {"kind": "recalibrate", **settings}


POLICIES: Mapping[str, Document] = {
    "pytorch-default": _beta("0.9"),
    "keras-efficientnet-v2": _beta("0.9", "biased"),
    "keras-default": _beta("0.99", "biased"),
    "tf-resnet": _beta("0.997"),
    "tpu-inception-v3": _beta("0.996"),
    "tpu-inception-v4": _beta("0.995"),
    "keras-mobilenet-v2": _beta("0.999", "biased"),
    "fixmatch": _beta("0.999"),
    "nasnet": _beta("0.9997", "biased"),
    "yolo": _beta("0.97"),
    "tabnet": _beta("0.98"),
    "airbench": _beta("0.6"),
    "cumulative-average": _beta("1 - 1 / step"),
    "debiased-0.999": _beta("1 - (1 - 0.999) / (1 - 0.999^step)"),
    "debiased-0.999-biased": _beta("1 - (1 - 0.999) / (1 - 0.999^step)", "biased"),
    "tf-warm-up-0.999": _beta("min(0.999, (1 + step) / (10 + step))"),
    "power-warm-up-0.9999": _beta("min(0.9999, 1 - (1 + step)^(-2 / 3))"),
    "pointnet": _beta("min(0.99, 1 - 0.5 * 0.5^floor(step * batchSize / 200000))", "biased",
                      initial={"mean": 0, "variance": 0}),
    "votenet": _beta("1 - max(0.5 * 0.5^floor(epoch / 20), 0.001)"),
    "torch-points3d": _beta("1 - max(0.1 * 0.9^floor(epoch / 10), 0.01)"),
    "cvnets-cosine": _beta("1 - (0.000001 + 0.5 * (0.1 - 0.000001) * (1 + cos(pi * step / steps)))"),
    "cvnets-linear": _beta("1 - (0.1 - step * (0.1 - 0.000001) / steps)"),
    "momentum-squared-cosine": _beta("1 - 0.5 * (1 + cos(pi * step / steps))"),
    "byol-cosine": _beta("1 - (1 - 0.996) * 0.5 * (1 + cos(pi * step / steps))"),
    "dua": _beta("1 - (0.1 * 0.94^step + 0.005)"),
    "adab2n-0.5": _beta("1 - 1 / ((1 - 0.9^(0.5 * (step - 1))) / (1 - 0.9^0.5) + 0.9^(0.5 * (step - 1)) / 0.1^0.5)",
                        "biased"),
    "static-0": _beta("0"),
    "static-0.5": _beta("0.5"),
    "static-0.8": _beta("0.8"),
    "static-0.95": _beta("0.95"),
    "static-0.99": _beta("0.99"),
    "static-0.9995": _beta("0.9995"),
    "dmbn": _select(),
    "dmbn-independent": _select(order="independent"),
    "dmbn-per-channel": _select(granularity="channel"),
    "dmbn-separate": _select(parameters="separate"),
    "dmbn-periodic": _select(every=1),
    "dmbn-biased": _select(variance="biased"),
    "dmbn-total": _select(variance="total"),
    "closed-form": _select(by="drift", candidates=[]),
    "best-by-loss": _select(by="loss", granularity="network", estimators=ESTIMATORS),
    "best-by-accuracy": _select(by="accuracy", granularity="network", estimators=ESTIMATORS),
    "precise-bn": _recalibrate(),
    "torch-update-bn": _recalibrate(batches={"size": 64, "count": None, "variance": "mean"}),
    "fvcore-precise-bn": _recalibrate(batches={"size": 64, "count": None, "variance": "pooled"}),
    "small-batch-recalibration": _recalibrate(correction={"by": "small-batch"}),
}


def document_of(policy: Policy) -> dict[str, Any]:
    """The document of a policy with every setting: of a name, a beta, or a document that leaves some out.

    Raises Refusal if it is none of these, or has a setting that its kind doesn't have.
    """
    if not isinstance(policy, Mapping):
        if policy in POLICIES:
            policy = POLICIES[str(policy)]
        else:
            try:
                compiled(str(policy))
            except Refusal as error:
                raise Refusal(f"{policy!r} is neither a policy ({', '.join(POLICIES)}) nor a beta: {error}") from error
            policy = _beta(str(policy))
    kind = policy.get("kind")
    if kind not in DEFAULTS:
        raise Refusal(f"the kind of a policy is schedule, select or recalibrate, not {kind!r}")
    settings = {key: value for key, value in policy.items() if key != "kind"}
    unknown = [key for key in settings if key not in DEFAULTS[kind]]
    if unknown:
        raise Refusal(f"a policy of kind {kind} has no setting {unknown[0]!r}")
    for key, choices in _CHOICES.items():
        if key in settings and settings[key] not in choices:
            raise Refusal(f"{key} is {settings[key]!r}: expected {' or '.join(choices)}")
    if kind == "schedule" and "momentum" not in settings:
        raise Refusal("a policy of kind schedule needs a momentum")
    debiased = {"initial": {"mean": 0, "variance": 0}} if settings.get("debias") else {}
    return {"kind": kind, **DEFAULTS[kind], **debiased, **settings}


_CHOICES = {
    "variance": ESTIMATORS,
    "by": ["estimation-shift", "loss", "accuracy", "drift"],
    "granularity": ["layer", "channel", "network"],
    "order": ["sequential", "independent"],
    "parameters": ["joint", "separate"],
}


# ------------------------------------------------------------------ expressions of beta

Names = Mapping[str, Any]
Value = Callable[[Names], Any]


def _power(x: Any, y: Any) -> Any:
    """x to the y as in JavaScript, where 1 to the infinity is no number."""
    return np.where(np.isnan(y) | ((np.abs(x) == 1) & np.isinf(y)), np.nan, np.power(x, y))


_OPERATORS: list[dict[str, Callable[[Any, Any], Any]]] = [  # loosest first
    {"||": lambda x, y: 1.0 * ((x != 0) | (y != 0))},
    {"&&": lambda x, y: 1.0 * ((x != 0) & (y != 0))},
    {"==": lambda x, y: 1.0 * (x == y), "!=": lambda x, y: 1.0 * (x != y)},
    {"<": lambda x, y: 1.0 * (x < y), "<=": lambda x, y: 1.0 * (x <= y),
     ">": lambda x, y: 1.0 * (x > y), ">=": lambda x, y: 1.0 * (x >= y)},
    {"+": lambda x, y: x + y, "-": lambda x, y: x - y},
    {"*": lambda x, y: x * y, "/": lambda x, y: x / y, "%": np.fmod},
]
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "min": lambda *values: reduce(np.minimum, values), "max": lambda *values: reduce(np.maximum, values),
    "clamp": lambda x, low, high: np.minimum(np.maximum(x, low), high),
    "abs": np.abs, "floor": np.floor, "ceil": np.ceil, "round": lambda x: np.floor(x + 0.5), "sqrt": np.sqrt,
    "exp": np.exp, "log": np.log, "pow": _power, "sin": np.sin, "cos": np.cos, "tanh": np.tanh,
}
_VARIABLES = ("step", "steps", "epoch", "epochs", "layer", "layers", "channels", "batchSize", "learningRate")
_TOKEN = re.compile(r"\s*((?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|\w+|[=!<>]=|&&|\|\||[-+*/%^<>!?:(),])")


@lru_cache(maxsize=None)
def compiled(expression: str) -> Value:
    """The function of an expression of beta: from the values of its variables, numbers or arrays, to its value.

    Raises Refusal for what is no expression of the policy language.
    """
    tokens = _TOKEN.findall(expression) + [""]
    refusal = Refusal(f"{expression!r} is no expression")
    if "".join(tokens) != re.sub(r"\s", "", expression):
        raise refusal

    def take(token: str) -> bool:
        return tokens[0] == token and bool(tokens.pop(0))

    def need(token: str) -> None:
        if not take(token):
            raise refusal

    def condition() -> Value:
        test = binary(0)
        if not take("?"):
            return test
        yes = condition()
        need(":")
        no = condition()
        return lambda names: np.where(test(names) != 0, yes(names), no(names))

    def binary(level: int) -> Value:
        if level == len(_OPERATORS):
            return unary()
        left = binary(level + 1)
        while tokens[0] in _OPERATORS[level]:
            left = joined(_OPERATORS[level][tokens.pop(0)], left, binary(level + 1))
        return left

    def joined(operator: Callable[[Any, Any], Any], left: Value, right: Value) -> Value:
        return lambda names: operator(left(names), right(names))

    def unary() -> Value:
        if take("-"):
            negated = unary()
            return lambda names: -negated(names)
        if take("!"):
            tested = unary()
            return lambda names: 1.0 * (tested(names) == 0)
        base = operand()
        if not take("^"):
            return base
        return joined(_power, base, unary())

    def operand() -> Value:
        token = tokens.pop(0)
        if token == "(":
            inner = condition()
            need(")")
            return inner
        if token in _FUNCTIONS and take("("):
            values = [condition()]
            while take(","):
                values.append(condition())
            need(")")
            return lambda names: _FUNCTIONS[token](*(value(names) for value in values))
        if token[:1].isdigit() or token[:1] == ".":
            number = np.float64(token)
            return lambda names: number
        if token in ("pi", "e"):
            constant = np.float64(math.pi if token == "pi" else math.e)
            return lambda names: constant
        if token not in _VARIABLES:
            raise refusal
        return lambda names: names[token]

    value = condition()
    if tokens != [""]:
        raise refusal
    return value


def beta_of(expression: Union[str, float], names: Names) -> np.ndarray:
    """Beta at each step, [steps]. names: "step" [steps], the others numbers.

    A value that misses 0 or 1 by rounding is taken for it. Raises Refusal naming the first step outside 0 to 1, or
    a variable that isn't known of the run.
    """
    try:
        with np.errstate(all="ignore"):
            beta = np.broadcast_to(compiled(str(expression))(names), names["step"].shape)
    except KeyError as missing:
        raise Refusal(f"beta = {expression} reads {missing.args[0]}, which the trace doesn't say: give the recorder "
                      "steps_per_epoch, batch_size and learning_rate") from None
    outside = ~((beta >= -1e-10) & (beta <= 1 + 1e-10))
    if outside.any():
        first = int(outside.argmax())
        raise Refusal(f"beta = {expression} is {beta[first]} at step {first + 1}: outside 0 to 1")
    return np.clip(beta, 0, 1)


# ------------------------------------------------------------------- running statistics

def _shares(beta: np.ndarray, debias: bool) -> tuple[np.ndarray, np.ndarray]:
    """What the old estimate and the batch weigh in the new one, [steps] each; debiased, divided by their sum."""
    if not debias:
        return beta, 1 - beta
    gathered = np.array(list(itertools.accumulate(beta, lambda weight, b: b * weight + (1 - b), initial=0.0)))
    total = np.where(gathered[1:] > 0, gathered[1:], 1)
    new = (1 - beta) / total
    return np.where(gathered[1:] > 0, beta * gathered[:-1] / total, 1), new


def _average(initial: float, rows: np.ndarray, old: np.ndarray, new: np.ndarray) -> np.ndarray:
    """The average after all rows [steps, channels], as their weighted sum: new share times the later old shares."""
    after = np.append(np.cumprod(old[::-1])[::-1], 1)
    return after[0] * initial + (new * after[1:]) @ rows


def replay(trace: Trace, index: int, schedules: Sequence[Document]) -> list[Statistics]:
    """Running statistics of layer `index` as training would have left them, under each schedule.

    schedules: complete documents of kind "schedule". A step is an update of this layer. In float64. Time: steps times
    channels for each schedule. Raises Refusal if beta leaves 0 to 1 or reads what the trace doesn't say.
    """
    layer = trace.layers[index]
    steps, channels = layer.mean.shape
    names: dict[str, Any] = {key: np.float64(value) for key, value in trace.run.items()}
    names.update(step=np.arange(1.0, steps + 1), steps=np.float64(steps), layer=np.float64(index),
                 layers=np.float64(len(trace.layers)), channels=np.float64(channels))
    if "stepsPerEpoch" in names:
        calls = steps / trace.steps  # more than 1 for a layer that is called several times a step
        names.setdefault("epochs", np.ceil(trace.steps / names["stepsPerEpoch"]))
        names["epoch"] = (names["step"] - 1) // (names.pop("stepsPerEpoch") * calls)
    mean, unbiased = layer.mean.astype(np.float64), layer.variance.astype(np.float64)
    biased = unbiased * ((layer.count - 1) / layer.count)[:, None]

    def under(schedule: Document) -> Statistics:
        start, debias = schedule["initial"], schedule["debias"]
        beta = beta_of(schedule["momentum"], names)
        apart = schedule["varianceMomentum"]
        old, new = _shares(beta, debias)
        of_variance = _shares(beta if apart is None else beta_of(apart, names), debias)
        rows = unbiased if schedule["variance"] == "unbiased" else biased
        if schedule["variance"] == "total":  # and how far each batch lies from the running mean before it
            running, before = np.full(channels, start["mean"], np.float64), np.empty_like(mean)
            for step in range(steps):
                before[step] = running
                running = old[step] * running + new[step] * mean[step]
            rows = biased + of_variance[0][:, None] * (mean - before) ** 2
        return Statistics(_average(start["mean"], mean, old, new), _average(start["variance"], rows, *of_variance))

    return [under(schedule) for schedule in schedules]


def closed_form(trace: Trace, index: int, separate: bool = False) -> tuple[float, float]:
    """Beta of a layer's mean and variance from its drift per step and its scatter, over the last quarter of the run.

    1 - beta = (4 drift^2 / scatter^2)^(1/3), DMBench's derivation; at least 16 steps. One beta for both unless
    separate.
    """
    layer = trace.layers[index]
    steps = len(layer.mean)
    window = min(steps, max(16, math.ceil(steps / 4)))
    means, deviations = layer.mean[-window:].astype(np.float64), np.sqrt(layer.variance[-window:].astype(np.float64))

    def of(*series: np.ndarray) -> float:
        if window < 3:
            return 0.0
        values = np.concatenate(series, 1) - np.concatenate(series, 1)[0]
        values = values - values.mean(0)
        t = np.arange(window) - (window - 1) / 2
        spread = t @ t
        slope = t @ values / spread
        noise = (np.maximum(0, (values**2).sum(0) - slope**2 * spread) / (window - 2)).sum()
        return max(0.0, 1 - float(np.cbrt(4 * (slope @ slope) / noise))) if noise > 0 else 0.0

    return (of(means), of(deviations)) if separate else (of(means, deviations),) * 2


def estimation_shift(estimated: Statistics, population: Statistics) -> tuple[float, float]:
    """Norms over channels of the errors of mean and standard deviation. Huang et al., CVPR 2022, section 3."""
    return (float(np.linalg.norm(estimated.mean - population.mean)),
            float(np.linalg.norm(np.sqrt(estimated.variance) - np.sqrt(population.variance))))


def least_shift(candidates: Sequence[Statistics], population: Statistics, per_channel: bool = False,
                separate: bool = False) -> tuple[Statistics, Optional[int]]:
    """The candidate with the least shift, and its index; of equal ones the first.

    per_channel: every channel chooses; separate: mean and variance choose; then there is no single index.
    """
    means = np.stack([candidate.mean for candidate in candidates])
    variances = np.stack([candidate.variance for candidate in candidates])
    errors = np.abs(means - population.mean), np.abs(np.sqrt(variances) - np.sqrt(population.variance))
    if not per_channel:
        errors = tuple(np.linalg.norm(error, axis=1, keepdims=True) for error in errors)
    if not separate:
        errors = (errors[0] + errors[1],) * 2
    of_mean, of_variance = (np.where(np.isnan(error), np.inf, error).argmin(0) for error in errors)
    channels = np.arange(means.shape[1])
    statistics = Statistics(means[np.broadcast_to(of_mean, channels.shape), channels],
                            variances[np.broadcast_to(of_variance, channels.shape), channels])
    return statistics, None if per_channel or separate else int(of_mean[0])


def pooled(parts: Sequence[tuple[np.ndarray, int]]) -> Statistics:
    """Mean and biased variance of several batches' values together. parts: ([mean, biased variance], count) of each."""
    counts = np.array([count for _, count in parts], np.float64)
    means, variances = np.stack([values for values, _ in parts]).astype(np.float64).transpose(1, 0, 2)
    share = counts / counts.sum()
    mean = share @ means
    return Statistics(mean, share @ (variances + (means - mean) ** 2))


# ------------------------------------------------------------------ recording in PyTorch

class _Rows:
    """The batches of one layer while they are recorded: the newest on its device, the others in memory."""

    def __init__(self) -> None:
        self.chunks: list[np.ndarray] = []
        self.pending: list[Any] = []  # [mean, unbiased variance], [2, channels] each
        self.counts: list[int] = []

    def add(self, rows: Any, count: int) -> None:
        self.pending.append(rows)
        self.counts.append(count)
        if len(self.pending) == 256:  # so seldom, since it waits for the device
            self.flush()

    def flush(self) -> None:
        if self.pending:
            first = self.pending[0]
            stacked = np.stack(self.pending) if isinstance(first, np.ndarray) else _numpy(_torch().stack(self.pending))
            self.chunks.append(stacked)
            self.pending = []

    def layer(self, name: str) -> TraceLayer:
        self.flush()
        rows = np.concatenate(self.chunks)
        return TraceLayer(name, rows[:, 0], rows[:, 1], np.array(self.counts, np.int32))


class Recorder:
    """Records mean and variance of every batch that a model's batch norms average in training.

    A context manager: hooks are removed at its end, and the model is as before. A batch norm is recorded whenever it
    updates its running statistics, that is in training mode, with or without gradients:

    - gradient accumulation: each micro-batch is an update, as it is for PyTorch;
    - a layer that is called several times in a forward pass is updated, and recorded, each time, as is one whose
      forward pass is repeated by activation checkpointing;
    - mixed precision: statistics are computed in float32 from the input as the layer gets it (float64 of float64);
    - DistributedDataParallel: this process's own batches. PyTorch sends the buffers of rank 0 to the others, so record
      and save on rank 0. SyncBatchNorm over several processes and DataParallel are refused;
    - torch.compile: make the recorder before the first call, when hooks are compiled in, or nothing is recorded. Each
      batch norm then ends a compiled graph;
    - momentum=None and any other momentum: recorded alike, for no momentum changes the batches;
    - track_running_stats=False, and layers in inference mode (frozen): not recorded, since they average nothing.

    Keeps 8 bytes a channel and update (16 in float64) in memory: `bytes` says how many so far. At max_bytes it warns
    and stops, and the trace is refused; a ResNet-50 with its 26,560 channels takes 212 kB a step.

    steps_per_epoch, batch_size, learning_rate: for policies that read them; the batch size is else that of the first
    batch. Raises Refusal for a model without batch norms.
    """

    def __init__(self, model: Any, *, steps_per_epoch: Optional[int] = None, batch_size: Optional[int] = None,
                 learning_rate: Optional[float] = None, max_bytes: int = 2**30) -> None:
        self.bytes = 0
        self._most = max_bytes
        self._rows: dict[str, _Rows] = {}  # by layer, in the order of their first call
        facts = {"stepsPerEpoch": steps_per_epoch, "batchSize": batch_size, "learningRate": learning_rate}
        self._run: dict[str, float] = {key: value for key, value in facts.items() if value is not None}
        self._updated = False
        # Before each norm: behind the last one of a checkpointed part, PyTorch 2 stops the repeated pass.
        self._hooks = [norm.register_forward_pre_hook(_uncompiled(self._hook(name)))
                       for name, norm in _norms_of(model).items()]
        self._hooks.append(model.register_forward_hook(_uncompiled(self._count)))

    def _count(self, *_: Any) -> None:
        """Counts a forward pass of the whole model that updated something."""
        if self._updated:
            self._run["steps"] = self._run.get("steps", 0) + 1
            self._updated = False

    def _hook(self, name: str) -> Callable[..., None]:
        def record(norm: Any, inputs: Sequence[Any]) -> None:
            if not norm.training or self.bytes > self._most:
                return
            statistics, count = _batch_statistics(inputs[0])
            if count > 1:
                statistics[1] *= count / (count - 1)
            self._run.setdefault("batchSize", len(inputs[0]))
            self._rows.setdefault(name, _Rows()).add(statistics, count)
            self._updated = True
            self.bytes += statistics.numel() * statistics.element_size()
            if self.bytes > self._most:
                warnings.warn(f"the trace takes more than {self._most} bytes: recording has stopped, and there will be "
                              "no trace. Raise max_bytes, or record a shorter run.", stacklevel=2)

        return record

    def trace(self) -> Trace:
        """What was recorded so far. Raises Refusal if that is nothing, is not finite, or was stopped at max_bytes."""
        if self.bytes > self._most:
            raise Refusal(f"recording stopped at max_bytes = {self._most}: the trace is not whole")
        return Trace([rows.layer(name) for name, rows in self._rows.items()], dict(self._run))

    def save(self, path: Union[str, Path]) -> None:
        """Writes the trace as safetensors; `load_trace` reads it."""
        self.trace().save(path)

    def close(self) -> None:
        """Removes the hooks; what was recorded stays."""
        for hook in self._hooks:
            hook.remove()

    def __enter__(self) -> Recorder:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()


def _torch() -> Any:
    import torch

    return torch


def _numpy(tensor: Any) -> np.ndarray:
    return tensor.cpu().numpy()


def _uncompiled(hook: Callable[..., None]) -> Callable[..., None]:
    """The hook, which torch.compile (of PyTorch 2) leaves as it is."""
    compiler = getattr(_torch(), "compiler", None)
    return compiler.disable(hook) if hasattr(compiler, "disable") else hook


def _norms_of(model: Any) -> dict[str, Any]:
    """The batch norms that keep running statistics, by name. Raises Refusal if there are none or they can't be seen."""
    from torch import distributed, nn

    if isinstance(model, nn.DataParallel):
        raise Refusal("DataParallel averages the batches of its first replica alone: record the model that it wraps, "
                      "on one device, or use DistributedDataParallel")
    if isinstance(model, nn.parallel.DistributedDataParallel):
        model = model.module
    model = getattr(model, "_orig_mod", model)  # of torch.compile
    norms = {name: module for name, module in model.named_modules()
             if isinstance(module, nn.modules.batchnorm._BatchNorm) and module.running_mean is not None}
    if not norms:
        raise Refusal("this model has no batch norm that keeps running statistics")
    if (any(isinstance(norm, nn.SyncBatchNorm) for norm in norms.values()) and distributed.is_available()
            and distributed.is_initialized() and distributed.get_world_size() > 1):
        raise Refusal("SyncBatchNorm averages the batches of all processes together, of which each sees its own alone: "
                      "record a run in one process, or one without SyncBatchNorm")
    return norms


def _batch_statistics(x: Any) -> tuple[Any, int]:
    """[mean, biased variance] of each channel of [batch, channels, ...], [2, channels], and values of a channel."""
    torch = _torch()
    x = x.detach()
    x = x if x.dtype == torch.float64 else x.float()
    variance, mean = torch.var_mean(x, dim=[axis for axis in range(x.dim()) if axis != 1], unbiased=False)
    return torch.stack([mean, variance]), x.numel() // x.shape[1]


# ------------------------------------------------------------------------------ scores

def accuracy(outputs: Any, labels: Any) -> float:
    """Share of examples whose largest output is their label's. outputs [examples, classes], labels [examples]."""
    return (outputs.argmax(1) == labels).double().mean().item()


@dataclass(frozen=True)
class Fit:
    """Statistics for inference by layer, and what is known of them.

    shift: norms of the errors of mean and deviation on the calibration batches; a layer that inference doesn't reach
    has none. momentum: beta where it is one number, its expression where it changes, None where there is no single one.
    edge: layers that chose the first or last candidate, so that a wider grid could be better.
    """

    statistics: Mapping[str, Statistics]
    shift: Mapping[str, tuple[float, float]]
    momentum: Mapping[str, Union[float, str, None]]
    edge: Sequence[str] = ()


@dataclass(frozen=True)
class PolicyScore:
    """One policy's metric on the test batches; `refused` says why where there is none."""

    policy: str
    document: Document
    metric: Optional[float] = None
    fit: Optional[Fit] = None
    refused: Optional[str] = None
    predictions: Optional[np.ndarray] = None
    """The class of each test example, where `scores` was asked to keep them."""

    def __str__(self) -> str:
        """A line for each layer."""
        if self.fit is None:
            return f"{self.policy}: not scored: {self.refused}"
        lines = [f"{self.policy}: {self.metric:.4f}"]
        for name, beta in self.fit.momentum.items():
            shift = self.fit.shift.get(name)
            text = "not reached" if shift is None else f"shift of mean {shift[0]:.4g}, of deviation {shift[1]:.4g}"
            at_edge = ", edge of the grid" if name in self.fit.edge else ""
            lines.append(f"  {name}: beta {'-' if beta is None else beta}, {text}{at_edge}")
        return "\n".join(lines)


class Table(list):
    """Scores in the order in which the policies were given; printed, the highest metric is first."""

    def __init__(self, rows: Iterable[PolicyScore], metric: str, facts: Optional[Mapping[str, Any]] = None) -> None:
        super().__init__(rows)
        self.metric = metric
        self.facts = facts or {}

    @property
    def best(self) -> PolicyScore:
        """The highest metric. What was chosen on some examples has to be measured on others."""
        scored = [row for row in self if row.metric is not None]
        if not scored:
            raise Refusal("no policy was scored: " + "; ".join(f"{row.policy}: {row.refused}" for row in self))
        return max(scored, key=lambda row: row.metric)

    def save(self, folder: Union[str, Path], network: str, *, classes: int, dataset: Optional[str] = None,
             task: Optional[str] = None, description: str = "", learning_rate: Optional[str] = None,
             link: Optional[str] = None) -> None:
        """Writes the table as `dmbench submit external FOLDER` publishes it: external.json, and where `dataset` names a
        data set of DMBench, such as "fashion-mnist", predictions.safetensors.

        network: its name. classes: how many there are. dataset: test batches must then be its whole test set, in the
        order of its file, and the scores kept: scores(..., keep_predictions=True). task: what the data is, if it is no
        data set of DMBench. learning_rate: the schedule, in words. link: an https address of code or paper. The rest is
        known from the model and its trace. Policies that were not scored are left out.

        Raises Refusal if something is missing, or a metric is not finite.
        """
        if (dataset is None) == (task is None):
            raise Refusal("say what the data is: `dataset`, a data set of DMBench, or `task`, a name for other data")
        if self.facts["training"]["batchSize"] is None:
            raise Refusal("the trace doesn't say batchSize: give batch_size to the Recorder")
        scored = [row for row in self if row.fit is not None]
        if not scored:
            raise Refusal("no policy was scored")
        methods = []
        for row in scored:
            if not math.isfinite(row.metric):
                raise Refusal(f"{row.policy}: its {self.metric} is {row.metric}, which is no figure to publish")
            if dataset is not None and row.predictions is None:
                raise Refusal("there are no predictions: call scores(..., keep_predictions=True)")
            shift = sum(mean + deviation for mean, deviation in row.fit.shift.values())
            known = {} if row.policy in POLICIES else {"document": _without_none(row.document)}
            methods.append({"policy": row.policy, **known, "value": row.metric,
                            "momentumPerLayer": list(row.fit.momentum.values()),
                            "shift": shift if math.isfinite(shift) else None})
        record = {
            "format": "dmbench-external-1",
            "network": {"name": network, "description": description, **self.facts["network"]},
            "software": self.facts["software"],
            "link": link,
            "task": {"dataset": dataset or "other", "name": task, "classes": classes},
            "training": {**self.facts["training"], "learningRate": learning_rate},
            "metric": self.metric,
            "methods": methods,
        }
        Path(folder).mkdir(parents=True, exist_ok=True)
        (Path(folder) / "external.json").write_text(json.dumps(record, indent=2, allow_nan=False) + "\n", "utf-8")
        if dataset is not None:
            save_safetensors(Path(folder) / "predictions.safetensors", {row.policy: row.predictions for row in scored},
                             {"content": "predicted class id of each test example", "dataset": dataset})

    def __str__(self) -> str:
        width = max(len(row.policy) for row in self)
        lines = [f"{'policy':{width}}  {self.metric:>9}  {'shift':>9}  beta of the layers, from the first"]
        for row in sorted(self, key=lambda row: -math.inf if row.metric is None else row.metric, reverse=True):
            if row.fit is None:
                lines.append(f"{row.policy:{width}}  {'-':>9}  {'-':>9}  not scored: {row.refused}")
                continue
            shift = sum(mean + deviation for mean, deviation in row.fit.shift.values())
            runs = [(beta, len(list(group))) for beta, group in itertools.groupby(row.fit.momentum.values())]
            betas = ", ".join(_short(beta) + (f" x{length}" if length > 1 else "") for beta, length in runs)
            lines.append(f"{row.policy:{width}}  {row.metric:9.4f}  {shift:9.4g}  {betas}")
        return "\n".join(lines)


def _without_none(document: Any) -> Any:
    """A document with only the settings that it has."""
    if isinstance(document, Mapping):
        return {key: _without_none(value) for key, value in document.items() if value is not None}
    return document


def _short(beta: Union[float, str, None]) -> str:
    if isinstance(beta, str):
        return beta if len(beta) <= 40 else f"{beta[:37]}..."
    return "-" if beta is None else f"{beta:.4g}"


def scores(model: Any, trace: Trace, calibration: Iterable[Any], test: Iterable[Any],
           policies: Union[str, Sequence[Policy]] = "all",
           metric: Callable[[Any, Any], float] = accuracy, *, keep_predictions: bool = False) -> Table:
    """Scores policies on one trained model, which is left as it was.

    calibration: batches of training examples that were held back, inputs or (inputs, labels); kept in memory. Only
    policies that choose by labels read these. test: batches (inputs, labels), iterated once for each policy, and once
    before. Inputs are tensors with examples first, moved to the model's device. policies: "all" for those in
    POLICIES, or a list. metric: of all outputs and labels, joined on the CPU; more is better. keep_predictions: keep
    the class of each test example, the largest of its outputs [examples, classes], for `Table.save`.

    A policy that this can't score has the reason in `refused`. Selections and recalibration pass the calibration
    batches through the model up to each layer in turn: for L layers about L / 2 passes each. Everything is in
    inference mode, dropout too, except the batch norms where a recalibration measures in training mode.
    Raises Refusal if trace and model don't match, if there are no examples, or if an input is not finite.
    """
    run = _Run(model, trace, calibration)
    if not run.batches:
        raise Refusal("there are no calibration examples")
    rows = []
    chosen = list(POLICIES) if policies == "all" else [policies] if isinstance(policies, str) else policies
    documents = [(policy if isinstance(policy, str) else json.dumps(policy), document_of(policy)) for policy in chosen]
    with run.measuring():
        _evaluate(run, test, lambda *_: 0.0)  # so that a fault of the test batches is no fault of a policy
        for name, document in documents:
            try:
                fit = _fit(document, run)
            except Refusal as refusal:
                rows.append(PolicyScore(name, document, refused=str(refusal)))
                continue
            run.write(fit.statistics)
            kept: list[np.ndarray] = []

            def measured(outputs: Any, labels: Any) -> float:
                if keep_predictions:
                    kept.append(_classes(outputs))
                return metric(outputs, labels)

            rows.append(PolicyScore(name, document, _evaluate(run, test, measured), fit, None, *kept))
    return Table(rows, getattr(metric, "__name__", "metric"), _facts(run))


def _classes(outputs: Any) -> np.ndarray:
    """uint8 [examples], the class of the largest output. Raises Refusal if outputs are not those of a classifier."""
    if outputs.dim() != 2 or outputs.shape[1] > 256:
        raise Refusal(f"predictions are kept of outputs [examples, classes] with up to 256 classes, not of "
                      f"{list(outputs.shape)}")
    return _numpy(outputs.argmax(1)).astype(np.uint8)


def _facts(run: _Run) -> Mapping[str, Any]:
    """What a record says of a network besides its scores."""
    known, steps = run.trace.run, run.trace.steps
    epochs = known.get("epochs") or (steps / known["stepsPerEpoch"] if "stepsPerEpoch" in known else None)
    return {
        "network": {"parameters": sum(parameter.numel() for parameter in run.model.parameters()),
                    "batchNorms": len(run.norms), "channels": sum(norm.num_features for norm in run.norms.values())},
        "training": {"batchSize": known.get("batchSize"), "steps": steps, "epochs": epochs},
        "software": f"PyTorch {_torch().__version__}",
    }


def apply(model: Any, policy: Policy, trace: Trace, calibration: Optional[Iterable[Any]] = None) -> Fit:
    """Writes the running statistics of a policy into the model's batch norms, and returns them.

    calibration: as in `scores`; selections and recalibration need it, and without it no shift is measured. The weights,
    momentum, num_batches_tracked and whether the model trains stay as they are. Raises Refusal as `scores` does, and if
    the policy can't be followed.
    """
    run = _Run(model, trace, calibration or [])
    document = document_of(policy)
    with run.measuring():
        fit = _fit(document, run)
    run.write(fit.statistics)
    return fit


def recalibrate(model: Any, batches: Iterable[Any]) -> Fit:
    """Replaces running statistics by the means over `batches`, which pass through in training mode.

    As torch.optim.swa_utils.update_bn, but dropout stays off, and momentum and num_batches_tracked as they are. Each
    batch counts the same, so leave a smaller last one out.
    """
    run = _Run(model, None, batches)
    if not run.batches:
        raise Refusal("there are no batches")
    with run.measuring():
        statistics = run.in_training_mode(run.batches, "mean")
    run.write(statistics)
    return Fit(statistics, {}, dict.fromkeys(statistics))


def _pairs(batches: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
    """(inputs, labels or None) of each batch that has examples. Raises Refusal if an input is not finite."""
    torch = _torch()
    if torch.is_tensor(batches):
        raise Refusal("expected batches, such as inputs.split(100), and got one tensor")
    for batch in batches:
        inputs, labels = (*batch, None)[:2] if isinstance(batch, (tuple, list)) else (batch, None)
        if not torch.is_tensor(inputs):
            raise Refusal(f"a batch is a tensor of inputs, or (inputs, labels); got {type(inputs).__name__}")
        if inputs.is_floating_point() and not bool(torch.isfinite(inputs).all()):
            raise Refusal("a batch has an input that is not finite")
        if len(inputs) > 0:
            yield inputs, labels


def _evaluate(run: _Run, test: Iterable[Any], metric: Callable[[Any, Any], float]) -> float:
    outputs, answers = [], []
    for inputs, labels in _pairs(test):
        if labels is None:
            raise Refusal("the test batches have no labels")
        outputs.append(run.model(inputs.to(run.device)).cpu())
        answers.append(labels.cpu())
    if not outputs:
        raise Refusal("there are no test examples: `test` must give its batches each time that it is iterated")
    return float(metric(_torch().cat(outputs), _torch().cat(answers)))


class _Reached(Exception):
    """Inference has come to the layer that is measured."""


class _Run:
    """A model, its trace and its calibration batches."""

    def __init__(self, model: Any, trace: Optional[Trace], calibration: Iterable[Any]) -> None:
        self.model = model
        self.norms = _norms_of(model)
        self.batches = list(_pairs(calibration))
        self.device = next(iter(self.norms.values())).running_mean.device
        self._averages: dict[str, list[Statistics]] = {}
        self._calls: Optional[dict[str, int]] = None
        if trace is None:
            return
        self.trace = trace
        found = {layer.name: layer.mean.shape[1] for layer in trace.layers}
        for name, norm in self.norms.items():
            if found.get(name) != norm.num_features:
                has = f"one with {found[name]}" if name in found else "none"
                raise Refusal(f"the trace is of another model, or not of all its batch norms: {name} has "
                              f"{norm.num_features} channels, and the trace {has}")
        for name in found:
            if name not in self.norms:
                raise Refusal(f"the trace is of another model: this one has no batch norm {name}")
        self.norms = {name: self.norms[name] for name in found}  # in forward order

    @contextmanager
    def measuring(self) -> Iterator[None]:
        """Inference without gradients; afterwards modes and statistics are as before."""
        modes = [(module, module.training) for module in self.model.modules()]
        kept = [(buffer, buffer.clone()) for norm in self.norms.values() for buffer in norm.buffers()]
        self.model.eval()
        with _torch().no_grad():
            try:
                yield
            finally:
                for module, training in modes:
                    module.training = training
                for buffer, value in kept:
                    buffer.copy_(value)

    def write(self, statistics: Mapping[str, Statistics]) -> None:
        torch = _torch()
        with torch.no_grad():
            for name, (mean, variance) in statistics.items():
                for kept, value in zip((self.norms[name].running_mean, self.norms[name].running_var), (mean, variance)):
                    kept.copy_(torch.from_numpy(value).to(kept.dtype))  # not every device has float64

    def averages(self, schedules: Sequence[Document]) -> list[list[Statistics]]:
        """Running statistics by schedule and layer; each schedule is replayed once."""
        keys = [json.dumps(schedule, sort_keys=True) for schedule in schedules]
        new = {key: schedule for key, schedule in zip(keys, schedules) if key not in self._averages}
        by_layer = [replay(self.trace, index, list(new.values())) for index in range(len(self.norms))]
        self._averages.update((key, [layer[k] for layer in by_layer]) for k, key in enumerate(new))
        return [self._averages[key] for key in keys]

    def population(self, names: Iterable[str], batches: Optional[Sequence[Any]] = None,
                   stop: bool = False) -> dict[str, Statistics]:
        """What the layers get over the calibration batches, with the statistics that the model has.

        stop: don't go on behind the first of them.
        """
        seen: dict[str, list[tuple[np.ndarray, int]]] = {name: [] for name in names}

        def measured(name: str) -> Callable[..., None]:
            def record(_: Any, inputs: Sequence[Any]) -> None:
                statistics, count = _batch_statistics(inputs[0])
                seen[name].append((_numpy(statistics), count))
                if stop:
                    raise _Reached

            return record

        hooks = [self.norms[name].register_forward_pre_hook(measured(name)) for name in seen]
        try:
            for inputs, _ in self.batches if batches is None else batches:
                try:
                    self.model(inputs.to(self.device))
                except _Reached:
                    pass
        finally:
            for hook in hooks:
                hook.remove()
        if self._calls is None and not stop and batches is None:
            self._calls = {name: len(parts) // len(self.batches) for name, parts in seen.items()}
        return {name: pooled(parts) for name, parts in seen.items() if parts}

    def measurable(self) -> list[str]:
        """The layers that inference reaches, if each is called once. Raises Refusal otherwise, or without examples."""
        if not self.batches:
            raise Refusal("this policy measures: give calibration batches")
        if self._calls is None:
            self.population(self.norms)
        for name, calls in (self._calls or {}).items():
            if calls > 1:
                raise Refusal(f"{name} is called {calls} times in a forward pass: what its later calls get depends on "
                              "its own statistics, so they can't be measured layer after layer")
        return [name for name, calls in (self._calls or {}).items() if calls == 1]

    def examples(self, size: int, count: Optional[int]) -> list[Any]:
        """Calibration examples in batches of `size`, as many whole ones as there are; one of all if they are fewer."""
        inputs = _torch().cat([inputs for inputs, _ in self.batches])
        size = min(size, len(inputs)) if count is None else size
        whole = len(inputs) // size
        if count is not None and count > whole:
            raise Refusal(f"this policy takes {count} batches of {size}, and there are {len(inputs)} examples")
        return [(part, None) for part in inputs.split(size)[: whole if count is None else count]]

    def in_training_mode(self, batches: Sequence[Any], variance: str) -> dict[str, Statistics]:
        """Statistics where each batch normalizes by its own: means of the batches', or with their variance pooled."""
        for norm in self.norms.values():
            norm.train()
        with Recorder(self.model) as recorder:
            for inputs, _ in batches:
                self.model(inputs.to(self.device))
        for norm in self.norms.values():
            norm.eval()
        trace = recorder.trace()
        # The total variance of a cumulative average is that of all values, for batches of one size.
        cumulative = document_of(_beta("1 - 1 / step", "unbiased" if variance == "mean" else "total"))
        return {layer.name: replay(trace, index, [cumulative])[0] for index, layer in enumerate(trace.layers)}


def _fit(document: Document, run: _Run) -> Fit:
    """The statistics of a policy on a run. Raises Refusal if they can't be had."""
    kind = document["kind"]
    if kind == "schedule":
        return _given(run, run.averages([document])[0], [_single(document["momentum"])] * len(run.norms))
    if kind == "recalibrate":
        return _measured(document, run)
    if document["every"] is not None:
        raise Refusal("it chooses during training, by weights that no trace holds")
    if document["by"] == "drift":
        separate = document["parameters"] == "separate"
        betas = [closed_form(run.trace, index, separate) for index in range(len(run.norms))]
        statistics = [replay(run.trace, index, [document_of(_beta(str(mean), document["variance"],
                                                                  varianceMomentum=str(variance)))])[0]
                      for index, (mean, variance) in enumerate(betas)]
        return _given(run, statistics, [mean if mean == variance else None for mean, variance in betas])
    estimators = document["estimators"] or [document["variance"]]
    candidates = run.averages([document_of(_beta(str(beta), variance))
                               for variance in estimators for beta in document["candidates"]])
    betas = [_single(beta) for beta in document["candidates"]]
    if document["by"] == "estimation-shift":
        return _by_shift(document, run, candidates, betas)
    if document["granularity"] != "network":
        raise Refusal("by labels, only one choice for the whole network is scored here")
    costs = [_cost(run, statistics, document["by"]) for statistics in candidates]
    best = costs.index(min(costs))
    chosen = best % len(betas)
    at_edge = list(run.norms) if len(betas) > 1 and chosen in (0, len(betas) - 1) else []
    return _given(run, candidates[best], [betas[chosen]] * len(run.norms), at_edge)


def _single(beta: Union[str, float]) -> Union[float, str]:
    """A constant beta as a number."""
    try:
        return float(beta)
    except ValueError:
        return str(beta)


def _given(run: _Run, statistics: Iterable[Statistics], momentum: Iterable[Union[float, str, None]],
           edge: Sequence[str] = ()) -> Fit:
    """The fit of statistics that are known for every layer: their shift is measured in one pass."""
    by_layer = dict(zip(run.norms, statistics))
    run.write(by_layer)
    population = run.population(run.norms) if run.batches else {}
    shift = {name: estimation_shift(by_layer[name], found) for name, found in population.items()}
    return Fit(by_layer, shift, dict(zip(run.norms, momentum)), edge)


def _by_shift(document: Document, run: _Run, candidates: Sequence[Sequence[Statistics]],
              betas: Sequence[Union[float, str]]) -> Fit:
    """DMBN: layer after layer the candidate with the least shift."""
    index = {name: layer for layer, name in enumerate(run.norms)}
    momentum: dict[str, Union[float, str, None]] = {}
    edge: list[str] = []

    def choose(name: str, population: Statistics) -> tuple[Statistics, Statistics]:
        statistics, candidate = least_shift([by_layer[index[name]] for by_layer in candidates], population,
                                            document["granularity"] == "channel", document["parameters"] == "separate")
        chosen = None if candidate is None else candidate % len(betas)
        momentum[name] = None if chosen is None else betas[chosen]
        if chosen is not None and len(betas) > 1 and chosen in (0, len(betas) - 1):
            edge.append(name)
        return statistics, statistics if document["order"] == "sequential" else population

    statistics, shift = _walk(run, choose)
    return Fit(statistics, shift, momentum, edge)


def _walk(run: _Run, choose: Callable[[str, Statistics], tuple[Statistics, Statistics]]
          ) -> tuple[dict[str, Statistics], dict[str, tuple[float, float]]]:
    """Statistics and shift of each layer in forward order, measured behind what the layers before it pass on.

    choose: from a layer and what it gets to its statistics, and those that it normalizes by meanwhile.
    """
    statistics, shift = {}, {}
    for name in run.measurable():
        population = run.population([name], stop=True)[name]
        statistics[name], passed_on = choose(name, population)
        run.write({name: passed_on})
        shift[name] = estimation_shift(statistics[name], population)
    return statistics, shift


def _measured(document: Document, run: _Run) -> Fit:
    """Recalibration: statistics measured on calibration examples after training."""
    batches, correction = document["batches"], document["correction"] or {"by": "constants"}
    if correction["by"] != "constants":
        raise Refusal("its correction reads what follows each batch norm, or tries many on labels: run the code that "
                      "the policy's page exports")
    if not run.batches:
        raise Refusal("this policy measures: give calibration batches")
    if batches:
        statistics = run.in_training_mode(run.examples(batches["size"], batches["count"]), batches["variance"])
        run.write(statistics)
        shift = {name: estimation_shift(statistics[name], found) for name, found in run.population(statistics).items()}
        return Fit(statistics, shift, dict.fromkeys(statistics))
    sample = run.examples(document["samples"], 1) if document["samples"] else None

    def measure(name: str, population: Statistics) -> tuple[Statistics, Statistics]:
        mean, variance = population if sample is None else run.population([name], sample, stop=True)[name]
        shift, scale = correction.get("shift", 0), correction.get("scale", 1)
        corrected = Statistics(mean + shift * np.sqrt(variance), scale**2 * variance)
        return corrected, corrected

    statistics, shift = _walk(run, measure)
    return Fit(statistics, shift, dict.fromkeys(statistics))


def _cost(run: _Run, statistics: Sequence[Statistics], by: str) -> float:
    """Loss (summed negative log-likelihood) or errors on the calibration examples; infinite if not finite."""
    torch = _torch()
    run.write(dict(zip(run.norms, statistics)))
    cost = 0.0
    for inputs, labels in run.batches or [(None, None)]:
        if labels is None:
            raise Refusal("it chooses by labels, and the calibration batches have none")
        outputs, labels = run.model(inputs.to(run.device)).float(), labels.to(run.device)
        if not bool(torch.isfinite(outputs).all()):
            return math.inf
        if by == "loss":
            cost += torch.nn.functional.cross_entropy(outputs, labels, reduction="sum").item()
        else:
            cost += (outputs.argmax(1) != labels).sum().item()
    return cost


# ------------------------------------------------------------------------------- Keras

def KerasRecorder(batch_size: int, *, steps_per_epoch: Optional[int] = None,
                  learning_rate: Optional[float] = None) -> Any:
    """A Keras 3 callback that records as `Recorder` does: model.fit(..., callbacks=[recorder]), recorder.trace().

    Tried with Keras 3.15 on TensorFlow, JAX and PyTorch; the tests know a stand-in of the calls that it makes. While it
    trains, the momentum of each trainable BatchNormalization is 0, so that its moving statistics are those of the last
    batch; before validation and at the end it writes the average that the layer's own momentum gives, in float64, and
    at the end that momentum. Training is the same, but reads the statistics of every step. Statistics are Keras's
    float32; batches must all have batch_size examples, so drop a smaller last one, and channels must be last. Raises
    Refusal in fit if no BatchNormalization trains.
    """
    import keras

    def norms_in(model: Any) -> Iterator[Any]:
        for layer in model.layers:
            if isinstance(layer, keras.layers.BatchNormalization):
                if getattr(layer, "trainable", True):
                    yield layer
            elif hasattr(layer, "layers"):
                yield from norms_in(layer)

    class KerasRecorderCallback(keras.callbacks.Callback):
        def on_train_begin(self, logs: Any = None) -> None:
            facts = {"batchSize": batch_size, "stepsPerEpoch": steps_per_epoch or (self.params or {}).get("steps"),
                     "learningRate": learning_rate}
            self.run = {key: value for key, value in facts.items() if value is not None}
            self.norms = list(norms_in(self.model))
            if not self.norms:
                raise Refusal("this model has no trainable BatchNormalization")
            self.rows = [_Rows() for _ in self.norms]
            self.momenta = [norm.momentum for norm in self.norms]
            self.running = [self._moving(norm) for norm in self.norms]
            for norm in self.norms:
                norm.momentum = 0.0
            self.model.make_train_function(force=True)  # a compiled step has the momentum of its first call

        def _moving(self, norm: Any) -> np.ndarray:
            """[moving mean, moving variance], a copy."""
            return np.stack([keras.ops.convert_to_numpy(part) for part in (norm.moving_mean, norm.moving_variance)])

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            self.model  # on JAX, reading it brings the variables up to date
            for layer, norm in enumerate(self.norms):
                moving = self._moving(norm)
                count = batch_size * math.prod(norm.input.shape[1:-1])
                beta = self.momenta[layer]
                self.running[layer] = beta * self.running[layer].astype(np.float64) + (1 - beta) * moving
                moving[1] *= count / max(1, count - 1)  # Keras keeps the biased variance
                self.rows[layer].add(moving, count)

        def _write(self) -> None:
            for norm, (mean, variance) in zip(self.norms, self.running):
                norm.moving_mean.assign(mean)
                norm.moving_variance.assign(variance)

        def on_test_begin(self, logs: Any = None) -> None:
            if any(rows.counts for rows in getattr(self, "rows", [])):
                self._write()

        def on_train_end(self, logs: Any = None) -> None:
            self._write()
            for norm, beta in zip(self.norms, self.momenta):
                norm.momentum = beta
            self.model.make_train_function(force=True)

        def trace(self) -> Trace:
            """What was recorded. Raises Refusal as Recorder.trace does."""
            return Trace([rows.layer(norm.name) for norm, rows in zip(self.norms, self.rows) if rows.counts], self.run)

        def save(self, path: Union[str, Path]) -> None:
            """Writes the trace as safetensors; `load_trace` reads it."""
            self.trace().save(path)

    return KerasRecorderCallback()
