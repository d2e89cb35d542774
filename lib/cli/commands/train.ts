/** `dmbench train`: trains one run and scores every policy on it; prints the record that the site publishes. */
import type { Command } from "commander";
import { Option } from "commander";
import { datasets } from "@/lib/datasets";
import { benchmarks } from "@/lib/leaderboard";
import { modelNames, recipeSchema, seedSchema, variantNames } from "@/lib/records";
import { backendOption, choice, number, threadsOption } from "../options";
import type { Terminal } from "../terminal";
import type { TrainOptions } from "../train";

export function trainCommand(program: Command, terminal: Terminal): void {
  const { shape } = recipeSchema;
  program
    .command("train")
    .description("Train one network and score momentum policies on it, all on the same weights.")
    .addOption(
      choice(
        "--benchmark <slug>",
        "take the whole recipe from a benchmark; other flags change it",
        "benchmark",
        benchmarks.map(({ slug }) => slug),
      ),
    )
    .addOption(
      choice(
        "--dataset <slug>",
        "data set (default: digits)",
        "data set",
        datasets.map(({ slug }) => slug),
      ),
    )
    .addOption(choice("--model <name>", "network (default: mlp)", "model", modelNames))
    .addOption(choice("--variant <name>", "which norms the network trains with", "variant", variantNames).default("bn"))
    .addOption(number("--seed <n>", "decides weights and order", seedSchema).default(0))
    .addOption(
      new Option(
        "--policies <list>",
        "all, or published names, expressions of β and files of documents (*.json), with commas between",
      ).default("all"),
    )
    .addOption(backendOption())
    .addOption(threadsOption())
    .option("--json", "print the run record as JSON")
    .option("--out <dir>", "also write record.json and, as safetensors, weights, trace and predictions")
    .optionsGroup("Recipe (defaults: the benchmark of the data set and model, where there is one):")
    .addOption(number("--width <x>", "multiplies every hidden width", shape.width))
    .addOption(number("--epochs <n>", "passes over the training split", shape.epochs))
    .addOption(number("--max-steps <n>", "stop after so many steps", shape.maxSteps))
    .addOption(number("--batch-size <n>", "examples a step", shape.batchSize))
    .addOption(number("--learning-rate <x>", "of the optimizer", shape.learningRate))
    .addOption(
      choice(
        "--learning-rate-schedule <name>",
        "constant, step or cosine",
        "schedule",
        shape.learningRateSchedule.unwrap().options,
      ),
    )
    .addOption(choice("--optimizer <name>", "sgd or adam", "optimizer", shape.optimizer.unwrap().options))
    .addOption(number("--sgd-momentum <x>", "of SGD, not of batch norm", shape.sgdMomentum))
    .addOption(number("--weight-decay <x>", "added to every gradient, times the weight", shape.weightDecay))
    .addOption(number("--epsilon <x>", "added to the variance in every norm", shape.epsilon))
    .addOption(
      number(
        "--calibration-size <n>",
        "training examples held back to measure population statistics",
        shape.calibrationSize,
      ),
    )
    .addOption(number("--validation-size <n>", "training examples held back to choose on", shape.validationSize))
    .option("--augment", "flip and shift training images")
    .option("--no-augment", "leave training images as they are")
    .addHelpText(
      "after",
      `
Examples:
  npm run -s dmbench -- train
  npm run -s dmbench -- train --dataset fashion-mnist --epochs 1 --seed 3 --json > record.json
  npm run -s dmbench -- train --benchmark fashion-mnist-mlp-short --variant bn-bfn --out results
  npm run -s dmbench -- train --policies "pytorch-default,dmbn,1 - 1/(step + 1)"
  npm run -s dmbench -- train --dataset cifar-10 --model resnet-50 --width 0.125 --max-steps 50`,
    )
    .action(async (options: TrainOptions) => (await import("../train")).train(options, terminal));
}
