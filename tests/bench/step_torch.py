"""Images a second of one training step of the benchmarks' networks in PyTorch on the CPU: MODEL BATCH STEPS THREADS."""
import sys
import time

import torch
from torch import nn

model, batch, steps, threads = sys.argv[1], *map(int, sys.argv[2:5])
torch.set_num_threads(threads)
torch.manual_seed(1)


def mlp():
    widths = [784, 256, 128, 64]
    modules = []
    for inputs, outputs in zip(widths, widths[1:]):
        modules += [nn.Linear(inputs, outputs, bias=False), nn.BatchNorm1d(outputs), nn.ReLU()]
    return nn.Sequential(*modules, nn.Linear(64, 10)), torch.randn(batch, 784)


def cnn():
    def block(inputs, outputs):
        return [nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()]

    modules = [*block(3, 32), *block(32, 32), nn.MaxPool2d(2), *block(32, 64), *block(64, 64), nn.MaxPool2d(2)]
    return nn.Sequential(*modules, nn.Flatten(), nn.Linear(64 * 8 * 8, 10)), torch.randn(batch, 3, 32, 32)


network, images = {"mlp": mlp, "cnn": cnn}[model]()
optimizer = torch.optim.SGD(network.parameters(), lr=0.01, momentum=0.9)
loss_of = nn.CrossEntropyLoss()
labels = torch.arange(batch) * 7 % 10


def step():
    optimizer.zero_grad()
    loss_of(network(images), labels).backward()
    optimizer.step()


for _ in range(max(1, steps // 3)):
    step()
best = float("inf")
for _ in range(6):
    start = time.perf_counter()
    for _ in range(steps):
        step()
    best = min(best, time.perf_counter() - start)
print(steps * batch / best)
