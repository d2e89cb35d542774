/** A policy as code to copy: PyTorch, Keras and tf.layers, one open at a time, without JavaScript. */
import { useId } from "react";
import { CopyButton } from "@/app/_components/controls/copy-button";
import type { MomentumPolicy } from "@/lib/dmbn/policy";
import { toKeras, toPyTorch, toTfLayers } from "@/lib/dmbn/policy/export";

const libraries = [
  { name: "PyTorch", translate: toPyTorch },
  { name: "Keras", translate: toKeras },
  { name: "tf.layers", translate: toTfLayers },
];

export function PolicyCode({ policy }: { policy: MomentumPolicy }) {
  const group = useId();
  return (
    <div className="rows">
      {libraries.map(({ name, translate }, index) => {
        const { code, notes } = translate(policy);
        return (
          <details key={name} name={group} open={index === 0 || undefined} className="more">
            <summary>{name}</summary>
            <div className="mt-2 mb-3 grid gap-2">
              <pre tabIndex={0} aria-label={`${name} code`}>
                {code}
              </pre>
              {notes.map((note) => (
                <p key={note} className="note">
                  {note}
                </p>
              ))}
              <div>
                <CopyButton text={code}>{`Copy ${name} code`}</CopyButton>
              </div>
            </div>
          </details>
        );
      })}
    </div>
  );
}
