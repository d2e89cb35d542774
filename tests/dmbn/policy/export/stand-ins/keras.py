"""
A stub of Keras 3, which Debian doesn't package: the calls that exported programs make, as in Keras's documentation, on
NumPy in double precision. Weights are not trained, since running statistics don't depend on how they were obtained.
"""
from types import SimpleNamespace

import numpy as np


class Variable:
    def __init__(self, value):
        self._value = np.array(value, dtype=np.float64)
        self.shape = self._value.shape

    def numpy(self):
        return self._value  # no copy, as in Keras on the CPU

    def assign(self, value):
        self._value[...] = value


class Constant:
    def __init__(self, value):
        self.value = value


class Dense:
    def __init__(self, kernel, bias):
        self.kernel, self.bias = kernel, bias

    def __call__(self, x, training):
        return x @ self.kernel + self.bias


class Rectify:
    def __call__(self, x, training):
        return np.maximum(x, 0)


class Flatten:
    def __call__(self, x, training):
        return x.reshape(len(x), -1)


class BatchNormalization:
    """Also records the statistics of each training batch in `batches`."""

    def __init__(
        self,
        momentum=0.99,
        epsilon=1e-3,
        moving_mean_initializer=Constant(0),
        moving_variance_initializer=Constant(1),
    ):
        self.momentum, self.epsilon = momentum, epsilon
        self.initial = moving_mean_initializer.value, moving_variance_initializer.value
        self.batches = []

    def build(self, channels):
        self.moving_mean, self.moving_variance = (Variable(np.full(channels, value)) for value in self.initial)
        self.gamma, self.beta = Variable(np.ones(channels)), Variable(np.zeros(channels))

    def __call__(self, x, training):
        if training:
            rows = x.reshape(-1, x.shape[-1])
            mean, variance = rows.mean(0), rows.var(0)
            self.batches.append((len(rows), mean, variance))
            for kept, value in (self.moving_mean, mean), (self.moving_variance, variance):
                kept.assign(kept.numpy() * self.momentum + value * (1 - self.momentum))
        else:
            mean, variance = self.moving_mean.numpy(), self.moving_variance.numpy()
        return self.gamma.numpy() * (x - mean) / np.sqrt(variance + self.epsilon) + self.beta.numpy()


class Callback:
    model = params = None

    def on_train_begin(self, logs=None):
        pass

    def on_epoch_begin(self, epoch, logs=None):
        pass

    def on_train_batch_begin(self, batch, logs=None):
        pass

    def on_train_batch_end(self, batch, logs=None):
        pass

    def on_test_begin(self, logs=None):
        pass

    def on_train_end(self, logs=None):
        pass


class Model:
    """A chain of layers: of those given, or, as in Keras, from a model's `inputs` to the `input` of one of its layers."""

    fitted = False

    def __init__(self, layers, end=None):
        if end is not None:
            layers = layers[: layers.index(end)]
        else:
            for layer in layers:
                layer.input = layer
        self.layers = self.inputs = layers

    def predict(self, x, verbose="auto"):
        return self(x)

    def __call__(self, x, training=False):
        for layer in self.layers:
            x = layer(x, training)
        return x

    def compile(self, optimizer, loss, run_eagerly=False):
        self.optimizer, self.run_eagerly = optimizer, run_eagerly
        self.traced = None

    def make_train_function(self, force=False):
        if force:
            self.traced = None

    def fit(self, batches, epochs, callbacks=(), validation_data=None):
        self.fitted = True
        norms = [layer for layer in self.layers if isinstance(layer, BatchNormalization)]
        self.traced = getattr(self, "traced", None)
        for callback in callbacks:
            callback.model, callback.params = self, {"epochs": epochs, "steps": len(batches)}
            callback.on_train_begin()
        for epoch in range(epochs):
            for callback in callbacks:
                callback.on_epoch_begin(epoch)
            for batch, (images, _) in enumerate(batches):
                for callback in callbacks:
                    callback.on_train_batch_begin(batch)
                if not self.run_eagerly:  # a compiled step has the momentum of its first trace
                    self.traced = self.traced or [norm.momentum for norm in norms]
                    for norm, momentum in zip(norms, self.traced):
                        norm.momentum = momentum
                self(images, training=True)
                for callback in callbacks:
                    callback.on_train_batch_end(batch)
            if validation_data is not None:
                for callback in callbacks:
                    callback.on_test_begin()
                self.validated = self(validation_data)
        for callback in callbacks:
            callback.on_train_end()


layers = SimpleNamespace(BatchNormalization=BatchNormalization)
callbacks = SimpleNamespace(Callback=Callback)
initializers = SimpleNamespace(Constant=Constant)
ops = SimpleNamespace(convert_to_numpy=lambda variable: variable.numpy())
