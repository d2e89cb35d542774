/**
 * Passwords, kept as scrypt keys under a salt of their own (RFC 7914), told as
 * `scrypt$N$r$p$salt$key` so that the cost may grow without losing old ones.
 */
import "server-only";
import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";

// 32 MiB and about a tenth of a second; OWASP's equal of N = 2¹⁷, p = 1 in less memory.
const cost = { N: 2 ** 15, r: 8, p: 3 };
const keyBytes = 32;

/** The form in which a password is stored, under a fresh salt. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  return format(cost, salt, await derive(password, salt, cost));
}

/**
 * Whether `password` is the one that was stored. Takes as long where nothing
 * was, so that an answer's time does not tell which names exist.
 * @param stored what `hashPassword` gave; null where there is no such account
 */
export async function checkPassword(password: string, stored: string | null): Promise<boolean> {
  const { N, r, p, salt, key } = parse(stored ?? nobody);
  const same = timingSafeEqual(key, await derive(password, salt, { N, r, p }));
  return same && stored !== null;
}

const format = ({ N, r, p }: typeof cost, salt: Buffer, key: Buffer): string =>
  ["scrypt", N, r, p, salt.toString("base64url"), key.toString("base64url")].join("$");

const nobody = format(cost, Buffer.alloc(16), Buffer.alloc(keyBytes));

function parse(stored: string): typeof cost & { salt: Buffer; key: Buffer } {
  const [name, N, r, p, salt, key] = stored.split("$");
  if (name !== "scrypt" || !salt || !key) throw new Error("stored password: expected scrypt$N$r$p$salt$key");
  return {
    N: Number(N),
    r: Number(r),
    p: Number(p),
    salt: Buffer.from(salt, "base64url"),
    key: Buffer.from(key, "base64url"),
  };
}

function derive(password: string, salt: Buffer, options: typeof cost): Promise<Buffer> {
  // NFKC: the same characters, however a keyboard composed them.
  return new Promise((resolve, reject) => {
    scrypt(
      password.normalize("NFKC"),
      salt,
      keyBytes,
      { ...options, maxmem: 256 * options.N * options.r },
      (error, key) => (error ? reject(error) : resolve(key)),
    );
  });
}
