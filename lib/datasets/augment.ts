/**
 * The usual augmentation of CIFAR: a horizontal flip for half of the images and
 * a crop shifted by up to four pixels. He et al. 2016, §4.2.
 */
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { generator } from "../random/generator";

const augmentPurpose = 3;
const padding = 4;

/** How an image is augmented: mirrored or not, and shifted by pixels. */
export interface Shift {
  flip: boolean;
  down: number;
  right: number;
}

/** Leaves an image unchanged. */
export const unshifted: Shift = { flip: false, down: 0, right: 0 };

/** The shifts of a batch's `count` images, determined by `seed` and `step`. */
export function shiftsOf(count: number, seed: number, step: number): Shift[] {
  const random = generator(seed, augmentPurpose, step);
  return Array.from({ length: count }, () => {
    const flip = uniformInt(random, 0, 1) === 1;
    const down = uniformInt(random, -padding, padding);
    return { flip, down, right: uniformInt(random, -padding, padding) };
  });
}

/** A shift packed into an integer: mirrored in bit 0, rows + 8 in bits 1 to 4, columns + 8 in bits 5 to 8. */
export const packShift = ({ flip, down, right }: Shift): number =>
  Number(flip) | ((down + 8) << 1) | ((right + 8) << 5);

/**
 * The images of a batch, each randomly flipped and shifted by −4 … 4 pixels each
 * way, determined by `seed` and `step`. Pixels from outside are 0, which is the
 * mean, since the images are normalized. Meant for photographs: flipped digits are not digits.
 * @param images `[batch, height, width, channels]`, normalized
 * @param shape `[height, width, channels]`
 * @param seed whole, from 0 to 2^53 − 1
 * @param step whole, from 0; the same seed and step give the same augmentation
 * @returns a new array of the shape of `images`
 */
export function augment(
  images: Float32Array,
  [height, width, channels]: readonly [number, number, number],
  seed: number,
  step: number,
): Float32Array<ArrayBuffer> {
  const size = height * width * channels;
  const augmented = new Float32Array(images.length);
  shiftsOf(images.length / size, seed, step).forEach(({ flip, down, right }, place) => {
    const image = place * size;
    for (let y = Math.max(0, -down); y < Math.min(height, height - down); y++) {
      for (let x = Math.max(0, -right); x < Math.min(width, width - right); x++) {
        const column = x + right;
        const from = image + ((y + down) * width + (flip ? width - 1 - column : column)) * channels;
        const to = image + (y * width + x) * channels;
        for (let channel = 0; channel < channels; channel++) augmented[to + channel] = images[from + channel]!;
      }
    }
  });
  return augmented;
}
