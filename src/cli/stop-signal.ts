// How a person or a supervisor stops a command.

/**
 * Resolves with the first SIGTERM, SIGINT, or SIGHUP of a terminal that was closed. A second one ends the process at once.
 */
export function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let isStopping = false;
    function stop(signal: NodeJS.Signals): void {
      if (isStopping) process.exit(signal === "SIGINT" ? 130 : 143);
      isStopping = true;
      resolve(signal);
    }
    process.on("SIGTERM", stop);
    process.on("SIGINT", stop);
    process.once("SIGHUP", (signal) => {
      // Some terminals send it twice, and one is enough.
      process.on("SIGHUP", () => undefined);
      if (!isStopping) stop(signal);
    });
  });
}
