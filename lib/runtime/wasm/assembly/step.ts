/** The beginning and the end of a step whose data is all in memory: see `BEGIN_STEP` in `lib/training/kernels.ts`. */

/** Advances the clock `[position in the epoch, step, slot]`, and sets `rates` to the step's row of the table. */
export function beginStep(clock: usize, table: usize, rates: usize, batch: i32): void {
  i32.store(clock, i32.load(clock) + batch);
  i32.store(clock, i32.load(clock, 4) + 1, 4);
  i32.store(clock, i32.load(clock, 8) + 1, 8);
  memory.copy(rates, table + ((<usize>i32.load(clock, 4)) << 3), 8);
}

/** `packShift` of an image that stays where it is. */
const UNSHIFTED = (8 << 1) | (8 << 5);

/** Looks up every `channels`th of `size` bytes. */
function look(pixels: usize, values: usize, size: usize, channels: usize, out: usize): void {
  const end = pixels + size;
  const step = channels << 2;
  for (; pixels < end; pixels += channels) {
    f32.store(out, f32.load(values + ((<usize>load<u8>(pixels)) << 2)));
    out += step;
  }
}

/**
 * Normalized images and labels [from, to) of the step's batch.
 * @param pixels one byte each
 * @param order int32 `[n, 2]`: an example, and its shift as `packShift` packs it
 * @param values float32 `[channels, 256]`: the normalized value of each byte
 */
export function gatherBatch(
  pixels: usize,
  allLabels: usize,
  order: usize,
  values: usize,
  clock: usize,
  height: i32,
  width: i32,
  channels: i32,
  images: usize,
  labels: usize,
  from: i32,
  to: i32,
): void {
  const size = <usize>(height * width * channels);
  for (let place = from; place < to; place++) {
    const entry = order + ((<usize>(i32.load(clock) + place)) << 3);
    const example = <usize>i32.load(entry);
    const shift = i32.load(entry, 4);
    i32.store(labels + ((<usize>place) << 2), i32.load(allLabels + (example << 2)));
    const image = pixels + example * size;
    let out = images + ((<usize>place * size) << 2);
    if (shift === UNSHIFTED) {
      for (let c: usize = 0; c < <usize>channels; c++)
        look(image + c, values + (c << 10), size, channels, out + (c << 2));
      continue;
    }
    for (let y = 0; y < height; y++) {
      const row = y + ((shift >> 1) & 15) - 8;
      for (let x = 0; x < width; x++) {
        const shifted = x + ((shift >> 5) & 15) - 8;
        const inside = row >= 0 && row < height && shifted >= 0 && shifted < width;
        const column = shift & 1 ? width - 1 - shifted : shifted;
        const pixel = image + <usize>((row * width + column) * channels);
        for (let c = 0; c < channels; c++) {
          const value = values + ((<usize>(c << 8)) << 2);
          f32.store(out, inside ? f32.load(value + ((<usize>load<u8>(pixel + c)) << 2)) : 0);
          out += 4;
        }
      }
    }
  }
}
