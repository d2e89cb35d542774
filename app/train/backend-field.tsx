"use client";
/** Chooses the backend. */
import { Choices, Segments } from "@/app/_components/controls/controls";
import type { BackendWish } from "@/lib/leaderboard";

const backendOptions = [
  { value: "auto", label: "Auto", hint: "The fastest whose numbers pass a self-test." },
  { value: "webgpu", label: "WebGPU", hint: "Your graphics card. Without one the browser may emulate it, slowly." },
  {
    value: "wasm",
    label: "WASM",
    hint: "Your processor, with vector instructions, and threads where it has four cores or more.",
  },
  { value: "cpu", label: "CPU", hint: "Plain JavaScript: works everywhere, slowest." },
] as const satisfies readonly { value: BackendWish; label: string; hint: string }[];

interface BackendFieldProps {
  value: BackendWish;
  onChange: (backend: BackendWish) => void;
}

export function BackendField({ value, onChange }: BackendFieldProps) {
  return (
    <div>
      <Choices legend="Computes with">
        <Segments label="Backend" name="backend" options={backendOptions} value={value} onChange={onChange} />
        <p className="note mt-2">{backendOptions.find((option) => option.value === value)?.hint}</p>
      </Choices>
    </div>
  );
}
