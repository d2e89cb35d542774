/** Class names in the order of class ids, as the publishers give them. */

export const decimalDigits = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"] as const;

/** Fashion-MNIST, README, “Labels”. */
export const fashionClasses = [
  "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
] as const;

/** CIFAR-10, batches.meta.txt. */
export const cifar10Classes = [
  "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
] as const;

/** CIFAR-100, coarse_label_names.txt; underscores as spaces. */
export const cifar100CoarseClasses = [
  "aquatic mammals", "fish", "flowers", "food containers", "fruit and vegetables", "household electrical devices",
  "household furniture", "insects", "large carnivores", "large man-made outdoor things",
  "large natural outdoor scenes", "large omnivores and herbivores", "medium mammals", "non-insect invertebrates",
  "people", "reptiles", "small mammals", "trees", "vehicles 1", "vehicles 2",
] as const;

/** CIFAR-100, fine_label_names.txt; underscores as spaces. */
export const cifar100FineClasses = [
  "apple", "aquarium fish", "baby", "bear", "beaver", "bed", "bee", "beetle", "bicycle", "bottle", "bowl", "boy",
  "bridge", "bus", "butterfly", "camel", "can", "castle", "caterpillar", "cattle", "chair", "chimpanzee", "clock",
  "cloud", "cockroach", "couch", "crab", "crocodile", "cup", "dinosaur", "dolphin", "elephant", "flatfish", "forest",
  "fox", "girl", "hamster", "house", "kangaroo", "keyboard", "lamp", "lawn mower", "leopard", "lion", "lizard",
  "lobster", "man", "maple tree", "motorcycle", "mountain", "mouse", "mushroom", "oak tree", "orange", "orchid",
  "otter", "palm tree", "pear", "pickup truck", "pine tree", "plain", "plate", "poppy", "porcupine", "possum",
  "rabbit", "raccoon", "ray", "road", "rocket", "rose", "sea", "seal", "shark", "shrew", "skunk", "skyscraper",
  "snail", "snake", "spider", "squirrel", "streetcar", "sunflower", "sweet pepper", "table", "tank", "telephone",
  "television", "tiger", "tractor", "train", "trout", "tulip", "turtle", "wardrobe", "whale", "willow tree", "wolf",
  "woman", "worm",
] as const;
