/** The program that a reader checks a commitment with; a test runs it. */
export const checkCommitment = `# python3 check.py run.safetensors SEED KEY
import hashlib, hmac, sys

file, seed, key = sys.argv[1:]
sha256 = hashlib.sha256(open(file, "rb").read()).hexdigest()
print(hmac.new(bytes.fromhex(key), f"{seed} {sha256}".encode(), "sha256").hexdigest())
`;
