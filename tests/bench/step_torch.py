"""Images a second of one training step of the benchmarks' networks in PyTorch: MODEL BATCH STEPS THREADS WIDTH DEVICE.

DEVICE is cpu, cuda, or cuda-graph: the step recorded once and replayed, as ours is. All in full float32.
"""
import sys
import time

import torch
from torch import nn

model, batch, steps, threads = sys.argv[1], *map(int, sys.argv[2:5])
wide, device = float(sys.argv[5]), sys.argv[6]
cuda = device.startswith("cuda")
# Debian's is built for any BLAS, and loads the fastest that is installed.
built_for = torch.__config__.show().split("BLAS_INFO=")[-1].split(",")[0].lower()
loaded = open("/proc/self/maps").read() if sys.platform == "linux" else ""
if not cuda and built_for not in ("open", "mkl") and "openblas" not in loaded:
    sys.exit("Error: no OpenBLAS or MKL is behind this PyTorch, which would flatter us: install libopenblas0")
torch.set_num_threads(threads)
torch.manual_seed(1)
torch.backends.cudnn.allow_tf32 = False  # as products are by default
torch.backends.cudnn.benchmark = True


def mlp(widths):
    modules = []
    for inputs, outputs in zip(widths, widths[1:]):
        modules += [nn.Linear(inputs, outputs, bias=False), nn.BatchNorm1d(outputs), nn.ReLU()]
    return nn.Sequential(*modules, nn.Linear(widths[-1], 10)), torch.randn(batch, 784)


def cnn():
    def block(inputs, outputs):
        return [nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()]

    modules = [*block(3, 32), *block(32, 32), nn.MaxPool2d(2), *block(32, 64), *block(64, 64), nn.MaxPool2d(2)]
    return nn.Sequential(*modules, nn.Flatten(), nn.Linear(64 * 8 * 8, 10)), torch.randn(batch, 3, 32, 32)


class Bottleneck(nn.Module):
    def __init__(self, inputs, width, stride):
        super().__init__()
        outputs = 4 * width
        self.residual = nn.Sequential(
            nn.Conv2d(inputs, width, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU(),
            nn.Conv2d(width, width, 3, stride, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU(),
            nn.Conv2d(width, outputs, 1, bias=False), nn.BatchNorm2d(outputs),
        )
        self.shortcut = nn.Identity() if stride == 1 and inputs == outputs else nn.Sequential(
            nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)
        )

    def forward(self, x):
        return torch.relu(self.residual(x) + self.shortcut(x))


def resnet():
    inputs = round(64 * wide)
    modules = [nn.Conv2d(3, inputs, 3, padding=1, bias=False), nn.BatchNorm2d(inputs), nn.ReLU()]
    for width, blocks, stride in [(64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 2)]:
        for block in range(blocks):
            modules.append(Bottleneck(inputs, round(width * wide), stride if block == 0 else 1))
            inputs = 4 * round(width * wide)
    modules += [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(inputs, 10)]
    return nn.Sequential(*modules), torch.randn(batch, 3, 32, 32)


network, images = {
    "mlp": lambda: mlp([784, 256, 128, 64]),
    "mlp-deep": lambda: mlp([784, 96, 96, 96, 96, 96, 96]),
    "cnn": cnn,
    "resnet-50": resnet,
}[model]()
if cuda:
    network, images = network.cuda(), images.cuda()
# A rate of 0, as in captured.ts: each step is the same.
optimizer = torch.optim.SGD(network.parameters(), lr=0.0, momentum=0.9)
loss_of = nn.CrossEntropyLoss()
labels = (torch.arange(batch) * 7 % 10).to(images.device)


def step():
    optimizer.zero_grad()
    loss_of(network(images), labels).backward()
    optimizer.step()


def finish():
    if cuda:
        torch.cuda.synchronize()


def replayed():
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(3):
            step()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        step()
    return graph.replay


once = replayed() if device == "cuda-graph" else step
for _ in range(max(1, steps // 3)):
    once()
best = float("inf")
for _ in range(6):
    finish()
    start = time.perf_counter()
    for _ in range(steps):
        once()
    finish()
    best = min(best, time.perf_counter() - start)
print(steps * batch / best)
