// How a person or a supervisor stops a command.

/** Resolves with the first SIGTERM or SIGINT. A second one ends the process at once. */
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
  });
}
