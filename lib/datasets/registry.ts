/** The data sets: their descriptions, files and download URLs. */
import {
  cifar10Classes,
  cifar100CoarseClasses,
  cifar100FineClasses,
  decimalDigits,
  fashionClasses,
} from "./class-names";
import type { DatasetCopy, DatasetFile, DatasetInfo } from "./dataset";

const idxRoles = [
  ["train-images-idx3-ubyte.gz", "train-images"],
  ["train-labels-idx1-ubyte.gz", "train-labels"],
  ["t10k-images-idx3-ubyte.gz", "test-images"],
  ["t10k-labels-idx1-ubyte.gz", "test-labels"],
] as const;

/** The four files of an IDX data set; checksums of the files without gzip, in the order of `idxRoles`. */
function idxFiles(checksums: readonly [string, string, string, string], folderUrls: readonly string[]): DatasetFile[] {
  return idxRoles.map(([name, role], i) => ({
    name,
    role,
    md5: checksums[i]!,
    urls: folderUrls.map((url) => url + name),
  }));
}

const idxDefaults = { version: "1", shape: [28, 28, 1], trainCount: 60_000, testCount: 10_000, format: "idx" } as const;

const cifarDefaults = {
  version: "1",
  shape: [32, 32, 3],
  trainCount: 50_000,
  testCount: 10_000,
  licence: { name: "none stated; the publisher asks to be cited" },
  creators: ["A. Krizhevsky"],
  title: "Learning Multiple Layers of Features from Tiny Images",
  published: 2009,
  source: "https://www.cs.toronto.edu/~kriz/cifar.html",
} as const;

const npz = (...paths: string[]) => paths.map((path): DatasetCopy => ({ format: "npz", path }));

/** CIFAR's version for Python as torchvision and Keras leave it: unpacked in some folder, or the tar.gz alone. */
const pickles = (folder: string, unpacked: string, archives: readonly string[], md5: string): DatasetCopy[] => [
  ...["", folder, unpacked, `${unpacked}-target`].map(
    (within): DatasetCopy => ({ format: "pickles", path: within ? `${within}/${unpacked}` : unpacked }),
  ),
  ...[...archives, `${unpacked}.tar.gz`, `${unpacked}_archive`].flatMap((name) =>
    ["", `${folder}/`].map((within): DatasetCopy => ({ format: "pickles", path: within + name, md5 })),
  ),
];

const cifar100 = {
  ...cifarDefaults,
  folder: "cifar-100",
  otherFolders: ["cifar-100/cifar-100-binary", "cifar-100-binary"],
  copies: pickles("cifar-100", "cifar-100-python", [], "eb9058c3a382ffc7106e4002c42a8d85"),
  files: [
    { name: "train.bin", role: "train", urls: [] },
    { name: "test.bin", role: "test", urls: [] },
  ],
  archive: {
    name: "cifar-100-binary.tar.gz",
    md5: "03b5dce01913d631647c71ecec9e9cb8",
    urls: ["https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz"],
  },
  downloadBytes: 168_513_733,
} as const;

export const datasets: readonly DatasetInfo[] = [
  {
    slug: "digits",
    version: "1",
    name: "Digits",
    shape: [8, 8, 1],
    classes: decimalDigits,
    trainCount: 1442,
    testCount: 355,
    format: "digits",
    folder: "digits",
    files: [{ name: "digits.csv.gz", role: "all", md5: "a0339c30a8a5312a1b6f9e5c719dcce5", urls: [] }],
    downloadBytes: 0,
    licence: { name: "CC BY 4.0", url: "https://creativecommons.org/licenses/by/4.0/" },
    creators: ["E. Alpaydin", "C. Kaynak"],
    title: "Optical Recognition of Handwritten Digits, UCI Machine Learning Repository",
    published: 1998,
    source: "https://doi.org/10.24432/C50P49",
  },
  {
    ...idxDefaults,
    slug: "mnist",
    name: "MNIST",
    classes: decimalDigits,
    folder: "mnist",
    otherFolders: ["mnist/raw", "mnist/MNIST/raw", "MNIST/raw", "MNIST"],
    copies: npz("mnist.npz", "mnist/mnist.npz"),
    files: idxFiles(
      [
        "6bbc9ace898e44ae57da46a324031adb",
        "a25bea736e30d166cdddb491f175f624",
        "2646ac647ad5339dbf082846283269ea",
        "27ae3e4e09519cfbb04c329615203637",
      ],
      // The publisher's page refuses downloads; PyTorch and TensorFlow use these copies.
      ["https://ossci-datasets.s3.amazonaws.com/mnist/", "https://storage.googleapis.com/cvdf-datasets/mnist/"],
    ),
    downloadBytes: 11_594_722,
    licence: { name: "CC BY-SA 3.0", url: "https://creativecommons.org/licenses/by-sa/3.0/" },
    creators: ["Y. LeCun", "C. Cortes", "C. J. C. Burges"],
    title: "The MNIST database of handwritten digits",
    published: 1998,
    source: "http://yann.lecun.com/exdb/mnist/",
  },
  {
    ...idxDefaults,
    slug: "fashion-mnist",
    name: "Fashion-MNIST",
    classes: fashionClasses,
    folder: "fashion-mnist",
    otherFolders: ["fashion-mnist/raw", "fashion-mnist/FashionMNIST/raw", "FashionMNIST/raw", "FashionMNIST"],
    copies: npz("fashion_mnist.npz", "fashion-mnist.npz", "fashion-mnist/fashion_mnist.npz"),
    files: idxFiles(
      [
        "f4a8712d7a061bf5bd6d2ca38dc4d50a",
        "9018921c3c673c538a1fc5bad174d6f9",
        "8181f5470baa50b63fa0f6fddb340f0a",
        "15d484375f8d13e6eb1aabb0c3f46965",
      ],
      [
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
        "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/",
      ],
    ),
    downloadBytes: 30_878_645,
    debianPackage: "dataset-fashion-mnist",
    licence: { name: "MIT", url: "https://opensource.org/license/mit" },
    creators: ["H. Xiao", "K. Rasul", "R. Vollgraf"],
    title: "Fashion-MNIST, Zalando Research",
    published: 2017,
    source: "https://github.com/zalandoresearch/fashion-mnist",
  },
  {
    ...cifarDefaults,
    slug: "cifar-10",
    name: "CIFAR-10",
    classes: cifar10Classes,
    format: "cifar-10",
    folder: "cifar-10",
    otherFolders: ["cifar-10/cifar-10-batches-bin", "cifar-10-batches-bin"],
    copies: pickles("cifar-10", "cifar-10-batches-py", ["cifar-10-python.tar.gz"], "c58f30108f718f92721af3b95e74349a"),
    files: [
      { name: "data_batch_1.bin", role: "train", urls: [] },
      ...[2, 3, 4, 5].map(
        (batch): DatasetFile => ({ name: `data_batch_${batch}.bin`, role: "train", optional: true, urls: [] }),
      ),
      { name: "test_batch.bin", role: "test", urls: [] },
    ],
    archive: {
      name: "cifar-10-binary.tar.gz",
      md5: "c32a1d4ab5d03f1284b67883e8d87530",
      urls: ["https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"],
    },
    downloadBytes: 170_052_171,
  },
  { ...cifar100, slug: "cifar-100", name: "CIFAR-100", classes: cifar100FineClasses, format: "cifar-100-fine" },
  {
    ...cifar100,
    slug: "cifar-100-coarse",
    name: "CIFAR-100, 20 superclasses",
    classes: cifar100CoarseClasses,
    format: "cifar-100-coarse",
  },
];

/**
 * The description of a data set.
 * @throws RangeError for an unknown slug, listing the known ones
 */
export function datasetInfo(slug: string): DatasetInfo {
  const info = datasets.find((candidate) => candidate.slug === slug);
  if (!info)
    throw new RangeError(
      `data set: expected one of ${datasets.map((known) => known.slug).join(", ")}, found ${JSON.stringify(slug)}`,
    );
  return info;
}
