/** A policy as code to copy: PyTorch, Keras and tf.layers. */
import { CodeExamples } from "@/app/_components/text/code-examples";
import type { MomentumPolicy } from "@/lib/dmbn/policy";
import { toKeras, toPyTorch, toTfLayers } from "@/lib/dmbn/policy/export";

export const PolicyCode = ({ policy }: { policy: MomentumPolicy }) => (
  <CodeExamples
    examples={[
      { library: "PyTorch", ...toPyTorch(policy) },
      { library: "Keras", ...toKeras(policy) },
      { library: "tf.layers", ...toTfLayers(policy) },
    ]}
  />
);
