/** A policy as code to copy: PyTorch, Keras and tf.layers. */

import type { MomentumPolicy } from "@/lib/dmbn/policy";
import { toKeras, toPyTorch, toTfLayers } from "@/lib/dmbn/policy/export";
import { CodeExamples } from "./code-examples";

export const PolicyCode = ({ policy }: { policy: MomentumPolicy }) => (
  <CodeExamples
    examples={[
      { library: "PyTorch", ...toPyTorch(policy) },
      { library: "Keras", ...toKeras(policy) },
      { library: "tf.layers", ...toTfLayers(policy) },
    ]}
  />
);
