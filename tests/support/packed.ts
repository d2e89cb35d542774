/** Right answers as runs store them: one bit per image, image 0 the highest bit of byte 0, as `numpy.packbits`. */
export function packed(bits: ArrayLike<number | boolean>): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(bits.length / 8));
  for (let image = 0; image < bits.length; image++) if (bits[image]) bytes[image >> 3]! |= 0x80 >> (image & 7);
  return bytes;
}
