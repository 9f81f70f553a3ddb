// What must not outlive the process that runs worlds, should it be stopped in the middle: processes, mounts, folders.

const cleaners = new Set<() => void>();
let isListening = false;

/** Calls `clean` when this process ends before the returned function was called. Synchronous, and must not throw. */
export function atExit(clean: () => void): () => void {
  if (!isListening) {
    isListening = true;
    process.on("exit", () => {
      for (const each of [...cleaners].reverse()) each();
    });
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));
  }
  cleaners.add(clean);
  return () => cleaners.delete(clean);
}
