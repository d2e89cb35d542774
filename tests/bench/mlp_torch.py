"""Images a second of one training step of the benchmarks' MLP in PyTorch on the CPU."""
import sys
import time

import torch

batch, threads = int(sys.argv[1]), int(sys.argv[2])
torch.set_num_threads(threads)
torch.manual_seed(1)

widths = [784, 256, 128, 64]
modules = []
for inputs, outputs in zip(widths, widths[1:]):
    modules += [torch.nn.Linear(inputs, outputs, bias=False), torch.nn.BatchNorm1d(outputs), torch.nn.ReLU()]
network = torch.nn.Sequential(*modules, torch.nn.Linear(64, 10))
optimizer = torch.optim.SGD(network.parameters(), lr=0.01, momentum=0.9)
loss_of = torch.nn.CrossEntropyLoss()
images = torch.randn(batch, 784)
labels = torch.arange(batch) * 7 % 10


def step():
    optimizer.zero_grad()
    loss_of(network(images), labels).backward()
    optimizer.step()


for _ in range(20):
    step()
best = float("inf")
for _ in range(6):
    start = time.perf_counter()
    for _ in range(60):
        step()
    best = min(best, time.perf_counter() - start)
print(60 * batch / best)
