/** How long a site that was told to stop finishes its requests, in seconds. */
export const shutdownSeconds = 10;
