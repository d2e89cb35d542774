/** Device classes: the backend and the adapter that runs name, and how their audits went. */

export interface DeviceRecord {
  backend: string;
  /** As the browser or the driver reports it; empty where none does. */
  adapter: string;
  /** Runs whose last audit passed, and those whose last audit differs. */
  passed: number;
  failed: number;
  /** Accounts whose runs differ. */
  accounts: number;
}

/** Fewer accounts than this may be one person who doesn't like the device. */
const fewestAccounts = 3;

/** Whether runs of the class count only once an audit of their own has passed. */
export const isSetAside = ({ passed, failed, accounts }: DeviceRecord): boolean =>
  accounts >= fewestAccounts && failed > passed;
