// Standard output may be closed by whoever reads it, or its disk be full. Neither ends a command in the middle of its work. (The
// daemon's log does not go through here.)

import { printable } from "../domain/quoting.ts";
import { asTyped, ownInvocation } from "../invocation.ts";

const HERE = ownInvocation();

export interface Output {
  /** Waits until all is written. Why it is not, in one sentence; null: it is, or nobody wants it any more. */
  lost(): Promise<string | null>;
}

/** From now on what cannot be written is noted, and thrown nowhere. */
export function watchOutput(): Output {
  let failure: string | null = null;
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    // Who closed the pipe (head, less) has read enough.
    if (error.code !== "EPIPE") failure ??= error.code ?? "unknown error";
  });
  process.stderr.on("error", () => undefined);
  return {
    async lost() {
      // Streams write in order, and tell of errors before they answer.
      await new Promise<void>((resolve) => process.stdout.write("", () => setImmediate(resolve)));
      return failure && `What was printed is lost: the output cannot be written to (${failure}).`;
    },
  };
}

/** Prints one text on standard output, with commands as they are typed here; what would command the terminal is shown as a dot. */
export function say(text: string): void {
  process.stdout.write(`${printable(asTyped(text, HERE))}\n`);
}

/** Prints one text for programs, which may read it elsewhere. */
export function sayJson(text: string): void {
  process.stdout.write(`${printable(text)}\n`);
}

/** The same on standard error, for what is wrong or is not the result. */
export function warn(text: string): void {
  process.stderr.write(`${printable(asTyped(text, HERE))}\n`);
}
