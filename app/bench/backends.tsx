"use client";
/** The backends of this machine: what each is, or why it can't be used and what to do. */
import { measuredBackendTitles } from "@/lib/leaderboard";
import type { MeasuredBackend } from "@/lib/records";
import { measuredBackends } from "@/lib/records";
import type { Backend, Progress } from "./progress";

export function Backends({ progress: { backends } }: { progress: Progress }) {
  const known = measuredBackends.flatMap((name) => (backends[name] ? [{ name, backend: backends[name] }] : []));
  return (
    <ul className="note mt-2 grid gap-1">
      {known.map(({ name, backend }) => (
        <li key={name}>
          <strong className="font-semibold">{measuredBackendTitles[name]}</strong>: {describe(name, backend)}
        </li>
      ))}
    </ul>
  );
}

function describe(name: MeasuredBackend, backend: Backend): string {
  if ("unavailable" in backend) return `not measured, ${backend.unavailable}. ${remedies[name]}`;
  const { adapter, threads, software } = backend;
  switch (name) {
    case "webgpu":
      return software
        ? `${adapter}, in software: the processor emulates a GPU, slower than WASM. ${remedies.webgpu}`
        : `${adapter}.`;
    case "wasm":
      return threads === 1
        ? `${adapter}. Without more threads: the processor has one core for it, or this page is not cross-origin isolated; over HTTPS or on localhost it is.`
        : `${adapter}.`;
    case "cpu":
      return "typed arrays in JavaScript, one thread. Only the MLP: convolutional networks take many seconds a step here.";
  }
}

const remedies: Record<MeasuredBackend, string> = {
  webgpu:
    "To use a GPU, open this page over HTTPS or on localhost in a current browser, with hardware acceleration switched on in its settings.",
  wasm: "It needs a browser of 2023 or later, with WASM vector instructions (SIMD).",
  cpu: "Reload the page and measure again.",
};
