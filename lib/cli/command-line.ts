/** The command line that computes a record, as published: without its output folder, which may identify the user. */
export const commandOf = (argv: readonly string[]): string => {
  const words = argv.filter(
    (word, index) =>
      !["--out", "--summarize"].includes(word) && argv[index - 1] !== "--out" && !word.startsWith("--out="),
  );
  return `npm run -s dmbench -- ${words.join(" ")}`;
};
