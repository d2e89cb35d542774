/** `dmbench backup`, `restore`, `dump`, `import`, `move` and `reset-password`: for whoever runs a site, beside its data folder. */
import { randomBytes } from "node:crypto";
import { resolve } from "node:path";
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { text } from "node:stream/consumers";
import type { Command } from "commander";
import { UsageError } from "../exit";
import { operate } from "../operation";
import type { Terminal } from "../terminal";

export function backupCommand(program: Command, terminal: Terminal): void {
  program
    .command("backup")
    .description("Back up this site: every row, every artifact, the secret.")
    .argument("<folder>", "a new or empty folder")
    .addHelpText(
      "after",
      `
On PostgreSQL (DATABASE_URL) the site may go on running: the backup is one consistent state. An embedded
database serves one process at a time: stop the site first. Data sets are left out, since they can be
downloaded again, and so are settings. The folder holds the secret that signs sessions: keep it private.

Examples:
  npm run -s dmbench -- backup ~/backups/$(date +%F)
  DATABASE_URL=postgresql://… npm run -s dmbench -- backup /mnt/backup/monday`,
    )
    .action(async (folder: string) => {
      terminal.out(`${await operate({ operation: "backup", folder: resolve(folder) }, terminal)}\n`);
    });
}

export function restoreCommand(program: Command, terminal: Terminal): void {
  program
    .command("restore")
    .description("Restore a backup into an empty site, on either kind of database.")
    .argument("<folder>", "the backup")
    .option("--replace", "remove the rows that are there first; files that are there are moved aside")
    .addHelpText(
      "after",
      `
Everything is compared with its SHA-256 before it counts; if anything differs, nothing is restored. A backup
of an earlier version is brought up to date.

Examples:
  DMBENCH_DATA_DIR=/srv/dmbench npm run -s dmbench -- restore ~/backups/2026-11-26`,
    )
    .action(async (folder: string, { replace = false }: { replace?: boolean }) => {
      terminal.out(`${await operate({ operation: "restore", folder: resolve(folder), replace }, terminal)}\n`);
    });
}

export function dumpCommand(program: Command, terminal: Terminal): void {
  program
    .command("dump")
    .description("Write what this site publishes as Parquet files, for anybody to have.")
    .argument("<folder>", "a new or empty folder")
    .addHelpText(
      "after",
      `
One file a table, and manifest.json with the SHA-256 of each and the Merkle root of the log. Only what pages
and API show is in it: no address, password, token or ticket, and of a held-out run no seed or hash. Artifacts
are not in it, but their SHA-256 are. As for a backup, stop a site with an embedded database first.

Examples:
  npm run -s dmbench -- dump ~/dumps/$(date +%F)`,
    )
    .action(async (folder: string) => {
      terminal.out(`${await operate({ operation: "dump", folder: resolve(folder) }, terminal)}\n`);
    });
}

export function importCommand(program: Command, terminal: Terminal): void {
  program
    .command("import")
    .description("Fill an empty site with another one's dump: the same boards, the same log.")
    .argument("<dump>", "its folder, its address, or a site's, whose newest dump it is then")
    .option("--replace", "remove the rows that are there first, all of them")
    .addHelpText(
      "after",
      `
Every file is compared with its SHA-256 first, and the log with its Merkle root; if anything differs, nothing
is stored. The dump has to be of this version's schema. Closed boards are stored as they were published: serve
them with DMBENCH_SCORING=none, or with DMBENCH_MIRROR_OF, which also follows the site's next dumps.

Examples:
  DMBENCH_DATA_DIR=/srv/mirror npm run -s dmbench -- import ~/dumps/2026-11-28
  DMBENCH_DATA_DIR=/srv/mirror npm run -s dmbench -- import https://bench.example --replace`,
    )
    .action(async (dump: string, { replace = false }: { replace?: boolean }) => {
      const from = /^https?:/.test(dump) ? dump : resolve(dump);
      terminal.out(`${await operate({ operation: "import", from, replace }, terminal)}\n`);
    });
}

export function moveCommand(program: Command, terminal: Terminal): void {
  program
    .command("move")
    .description("Copy this site's embedded database into an empty one of a PostgreSQL server.")
    .argument(
      "[url]",
      "postgresql://user:password@host:port/database, - to read it from standard input, or in DMBENCH_MOVE_TO",
    )
    .addHelpText(
      "after",
      `
Stop the site first. Afterwards set DATABASE_URL and start it again.
Everyone on this machine can read an argument while the command runs: give an address with a password on
standard input, or in the environment or .env.local as DMBENCH_MOVE_TO.

Examples:
  npm run -s dmbench -- move - < address.txt
  npm run -s dmbench -- move postgresql://dmbench@localhost/dmbench`,
    )
    .action(async (argument?: string) => {
      const given = argument ?? process.env.DMBENCH_MOVE_TO ?? "";
      const url = given === "-" ? (await text(process.stdin)).trim() : given;
      if (!/^postgres(ql)?:\/\//.test(url))
        throw new UsageError(
          "expected postgresql://user:password@host:port/database as the address to move to: - and the address on " +
            "standard input, DMBENCH_MOVE_TO, or an argument",
        );
      if (argument === url && /^\w+:\/\/[^/@]*:[^/@]+@/.test(url))
        terminal.err(
          "warning: everyone on this machine can read a password in an argument; use - or DMBENCH_MOVE_TO\n",
        );
      terminal.out(`${await operate({ operation: "move", url }, terminal)}\n`);
    });
}

export function resetPasswordCommand(program: Command, terminal: Terminal): void {
  program
    .command("reset-password")
    .description("Give an account of this site a new password, and end its sessions.")
    .argument("<name>", "the account's")
    .option("--random", "make a password, and print it")
    .addHelpText(
      "after",
      `
The password is asked for without showing it, or read from standard input, never from an option: options can
be seen by others on the machine. Stop a site with an embedded database first.

Examples:
  npm run -s dmbench -- reset-password ada
  npm run -s dmbench -- reset-password ada --random`,
    )
    .action(async (name: string, { random = false }: { random?: boolean }) => {
      const password = random ? randomBytes(15).toString("base64url") : await readPassword(name, terminal);
      const done = await operate({ operation: "reset-password", name, password }, terminal);
      terminal.out(`${done}\n${random ? `Password: ${password}\n` : ""}`);
    });
}

async function readPassword(name: string, terminal: Terminal): Promise<string> {
  if (!process.stdin.isTTY) return (await text(process.stdin)).replace(/\r?\n$/, "");
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const prompt = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  const ask = async (question: string): Promise<string> => {
    terminal.err(question);
    const answer = await prompt.question("", { signal: terminal.signal });
    terminal.err("\n");
    return answer;
  };
  // In raw mode Ctrl-C is a character, which readline tells.
  prompt.once("SIGINT", () => process.kill(process.pid, "SIGINT"));
  try {
    const password = await ask(`New password for ${name}: `);
    if (password !== (await ask("Once more: "))) throw new UsageError("expected the same password twice");
    return password;
  } finally {
    prompt.close();
  }
}
