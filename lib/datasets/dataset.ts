/**
 * Types of a data set: its description, its files, and, once decoded, labelled
 * images as typed arrays.
 */
import type { Licence } from "@/lib/records";

export interface DatasetFile {
  /** The publisher's file name. */
  name: string;
  role: "train-images" | "train-labels" | "test-images" | "test-labels" | "train" | "test" | "all";
  /** MD5 of the file without gzip; absent if only the archive's MD5 is published. */
  md5?: string;
  /** May be absent from a subset. */
  optional?: boolean;
  /** Download URLs, the preferred one first; none for a file that is in an archive or ships with this project. */
  urls: readonly string[];
}

/** A tar.gz that holds all files of a data set. */
export interface DatasetArchive {
  name: string;
  /** MD5 of the tar.gz itself, as published. */
  md5: string;
  urls: readonly string[];
}

/** A data set packed or in another format than the published files. */
export interface DatasetCopy {
  /** The publisher's tar.gz; Keras's npz; CIFAR for Python, a folder or a tar.gz of pickles. */
  format: "archive" | "npz" | "pickles";
  /** Inside the user's folder. */
  path: string;
  /** MD5 of a tar.gz, as published. */
  md5?: string;
}

export interface DatasetInfo {
  slug: string;
  /** Changes when the decoded bytes or the split into training and test change. */
  version: string;
  name: string;
  /** `[height, width, channels]` of one image. */
  shape: readonly [number, number, number];
  /** Class names in the order of class ids. */
  classes: readonly string[];
  /** Published number of training images and of test images. */
  trainCount: number;
  testCount: number;
  format: "idx" | "cifar-10" | "cifar-100-fine" | "cifar-100-coarse" | "digits";
  /** Name of the folder with its files; CIFAR-100's two labellings share one. */
  folder: string;
  /** Folders that others leave the files in, torchvision and the unpacked archives, inside the user's folder. */
  otherFolders?: readonly string[];
  /** Where others leave the data set in another format, inside the user's folder. */
  copies?: readonly DatasetCopy[];
  files: readonly DatasetFile[];
  archive?: DatasetArchive;
  /** Approximate bytes to download; 0 if it ships with this project. */
  downloadBytes: number;
  /** The Debian package that installs it in /usr/share/datasets. */
  debianPackage?: string;
  licence: Licence;
  creators: readonly string[];
  /** Of the data set, or of the publication that describes it. */
  title: string;
  /** The year. */
  published: number;
  /** The publisher's page. */
  source: string;
}

export interface Split {
  /** `[count, height, width, channels]`, 0 … 255. */
  images: Uint8Array;
  /** `[count]`, class ids. */
  labels: Uint8Array;
  count: number;
}

/** Mean and standard deviation of each channel, in units of the full range (x/255). */
export interface Normalization {
  mean: readonly number[];
  std: readonly number[];
}

export interface Dataset {
  info: DatasetInfo;
  train: Split;
  test: Split;
  /** Computed from the training split; see `channelNormalization`. */
  normalization: Normalization;
  /** Describes the part if this isn't the whole published data set; else null. */
  subset: string | null;
  /** SHA-256, hexadecimal, of training images, training labels, test images and test labels, concatenated. */
  hash: string;
}
