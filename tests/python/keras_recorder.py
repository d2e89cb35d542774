"""Cases of dmbn.KerasRecorder on the stand-in of Keras. Prints {case: null, or what went wrong} as JSON."""
import json
import sys
import traceback
from pathlib import Path
from types import SimpleNamespace

import numpy as np

root = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(root / "public/python"), str(root / "tests/dmbn/policy/export/stand-ins")]
import keras

import dmbn


class _Nested:
    """A model that is a layer of another one."""

    def __init__(self, *layers):
        self.layers = layers

    def __call__(self, x, training):
        for layer in self.layers:
            x = layer(x, training)
        return x


def _model(momentum):
    """A norm over [8, 3, 4], and one over [8, 5] inside a nested model."""
    draw = np.random.default_rng(0)
    norms = [keras.layers.BatchNormalization(momentum) for _ in range(2)]
    for norm, channels in zip(norms, (4, 5)):
        norm.build(channels)
    model = keras.Model([
        norms[0], keras.Rectify(), keras.Flatten(),
        _Nested(keras.Dense(draw.normal(size=(12, 5)), draw.normal(size=5)), norms[1])])
    for norm, shape, name in zip(norms, ((None, 3, 4), (None, 5)), ("first", "second")):
        norm.name, norm.input = name, SimpleNamespace(shape=shape)
    model.compile("sgd", "mse")
    return model, norms


def _batches(count):
    draw = np.random.default_rng(1)
    return [(draw.normal(1, 2, (8, 3, 4)), None) for _ in range(count)]


def _moving(norm):
    return np.stack([norm.moving_mean.numpy(), norm.moving_variance.numpy()])


def what_it_records():
    """records every batch of every norm in Keras, nested ones too, with the variance unbiased"""
    model, norms = _model(0.99)
    recorder = dmbn.KerasRecorder(8, learning_rate=0.1)
    model.fit(_batches(6), 3, [recorder])
    trace = recorder.trace()
    assert trace.run == {"batchSize": 8, "stepsPerEpoch": 6, "learningRate": 0.1}, trace.run
    assert [layer.name for layer in trace.layers] == ["first", "second"]
    for norm, layer in zip(norms, trace.layers):
        counts, means, variances = zip(*norm.batches)
        assert layer.count.tolist() == list(counts)
        np.testing.assert_allclose(layer.mean, means, rtol=1e-12)
        np.testing.assert_allclose(layer.variance * (np.array(counts) - 1)[:, None] / np.array(counts)[:, None],
                                   variances, rtol=1e-12)


def what_it_leaves():
    """leaves the averages of the model's own momentum, for validation and at the end, and that momentum"""
    ends = []
    validation = _batches(1)[0][0]
    for recorder in [], [dmbn.KerasRecorder(8)]:
        model, norms = _model(0.9)
        model.fit(_batches(6), 3, recorder, validation_data=validation)
        ends.append((*map(_moving, norms), model.validated, [norm.momentum for norm in norms]))
    for plain, recorded in zip(*ends):
        np.testing.assert_allclose(recorded, plain, rtol=1e-12)
    trace = recorder[0].trace()
    for index, norm in enumerate(norms):
        schedule = dmbn.document_of({"kind": "schedule", "momentum": "0.9", "variance": "biased"})
        np.testing.assert_allclose(_moving(norm), dmbn.replay(trace, index, [schedule])[0], rtol=1e-12)


def other_fits():
    """changes nothing for training before and after it, though a compiled step keeps its momentum"""
    ends = []
    for recorder in [], [dmbn.KerasRecorder(8)]:
        model, norms = _model(0.9)
        for callbacks in [], recorder, []:
            model.fit(_batches(6), 2, callbacks)
        ends.append([_moving(norm) for norm in norms])
    np.testing.assert_allclose(ends[1][0], ends[0][0], rtol=1e-12)
    np.testing.assert_allclose(ends[1][1], ends[0][1], rtol=1e-12)


def without_norms():
    """refuses a Keras model without a norm that trains"""
    model, norms = _model(0.9)
    for norm in norms:
        norm.trainable = False
    try:
        model.fit(_batches(2), 1, [dmbn.KerasRecorder(8)])
    except dmbn.Refusal as refusal:
        assert "no trainable BatchNormalization" in str(refusal)
    else:
        raise AssertionError("nothing was refused")


def _outcome(case):
    try:
        case()
    except Exception:
        return traceback.format_exc()


print(json.dumps({name: _outcome(case) for name, case in list(globals().items())
                  if callable(case) and getattr(case, "__module__", "") == "__main__" and name[0] != "_"}))
