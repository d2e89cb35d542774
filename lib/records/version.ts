/** The version of this software, named in every record. */
export const DMBENCH_VERSION = "0.2.0";
