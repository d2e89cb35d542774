"""A stub of fvcore, which Debian doesn't package: `update_bn_stats` as documented."""
import itertools

import torch
from torch.nn.modules.batchnorm import _BatchNorm


@torch.no_grad()
def update_bn_stats(model, data_loader, num_iters=200):
    """
    Sets mean and variance of each norm in training mode (the caller sets the mode) to those of all values that reach it
    while `num_iters` items of the loader pass through the model, which normalizes each item by its own statistics.
    """
    norms = [norm for norm in model.modules() if isinstance(norm, _BatchNorm) and norm.training]
    seen = [[] for _ in norms]
    handles = [
        norm.register_forward_pre_hook(lambda _, inputs, seen=seen: seen.append(inputs[0].transpose(0, 1).flatten(1)))
        for norm, seen in zip(norms, seen)
    ]
    items = list(itertools.islice(data_loader, num_iters))
    assert len(items) == num_iters, "the loader ends too soon"
    for item in items:
        model(item)
    for norm, handle, values in zip(norms, handles, seen):
        handle.remove()
        x = torch.cat(values, 1)
        norm.running_mean.copy_(x.mean(1))
        norm.running_var.copy_(x.var(1, correction=0))
