/** The pages of the documentation that there are as Markdown too: `/docs/method.md` is that of `/docs/method`. */
import type { ReactNode } from "react";
import ApiPage from "../api/page";
import CommandPage from "../command/page";
import MethodPage from "../method/page";
import PolicyLanguagePage from "../policies/page";
import PythonPage from "../python/page";
import CdnPage from "../running/cdn/page";
import ContainersPage from "../running/containers/page";
import FunctionsPage from "../running/functions/page";
import RunningPage from "../running/page";

export const markdownPages: ReadonlyMap<string, () => ReactNode> = new Map<string, () => ReactNode>([
  ["method", MethodPage],
  ["policies", PolicyLanguagePage],
  ["command", CommandPage],
  ["python", PythonPage],
  ["running", RunningPage],
  ["running/containers", ContainersPage],
  ["running/functions", FunctionsPage],
  ["running/cdn", CdnPage],
  ["api", ApiPage],
]);
