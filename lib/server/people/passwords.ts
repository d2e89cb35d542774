/**
 * Passwords, stored as salted scrypt keys (RFC 7914) in the form `scrypt$N$r$p$salt$key`: the cost can be raised while
 * old ones stay valid.
 */
import "server-only";
import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";

// 32 MiB and about a tenth of a second. According to OWASP, as strong as N = 2¹⁷ and p = 1, with less memory.
const cost = { N: 2 ** 15, r: 8, p: 3 };
const keyBytes = 32;

/** The stored form of a password, with a new salt. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  return format(cost, salt, await derive(password, salt, cost));
}

/**
 * Whether `password` matches the stored one. Takes just as long for an account that doesn't exist, so that response
 * times don't reveal which names exist.
 * @param stored from `hashPassword`; null if there is no such account
 */
export async function checkPassword(password: string, stored: string | null): Promise<boolean> {
  const { N, r, p, salt, key } = parse(stored ?? unusedHash);
  const same = timingSafeEqual(key, await derive(password, salt, { N, r, p }));
  return same && stored !== null;
}

const format = ({ N, r, p }: typeof cost, salt: Buffer, key: Buffer): string =>
  ["scrypt", N, r, p, salt.toString("base64url"), key.toString("base64url")].join("$");

const unusedHash = format(cost, Buffer.alloc(16), Buffer.alloc(keyBytes));

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
  // NFKC: keyboards may compose the same characters differently.
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
