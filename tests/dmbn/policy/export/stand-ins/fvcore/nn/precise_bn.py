"""Stands in for fvcore, which Debian has not: what its documentation says of `update_bn_stats`."""
import itertools

import torch
from torch.nn.modules.batchnorm import _BatchNorm


@torch.no_grad()
def update_bn_stats(model, data_loader, num_iters=200):
    """
    Gives the norms that are in training mode, which is the caller's to set, mean and variance of all the values that
    reach them as `num_iters` items of the loader pass through the model, with each item's own statistics in use.
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
