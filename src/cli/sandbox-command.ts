// `sandbox`: the stand-in Tallyfy API in a process of its own, until a signal stops it.

import { EXIT, type ExitCode } from "../domain/exit.ts";
import { describeSandbox } from "../sandbox/serve.ts";
import { startSandbox } from "../sandbox/server.ts";
import { say } from "./output.ts";
import { stopSignal } from "./stop-signal.ts";
import { UsageError } from "./usage-error.ts";

const DEFAULT_PORT = 4010;

export async function sandboxCommand(options: { readonly port?: string }): Promise<ExitCode> {
  const port = options.port === undefined ? DEFAULT_PORT : Number(options.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new UsageError(
      `--port is "${options.port}", which is no port: give a number from 0 (any free one) to 65535.`,
    );
  }
  const sandbox = await startSandbox({ port }).catch((error: unknown) => {
    const isTaken = error instanceof Error && "code" in error && error.code === "EADDRINUSE";
    throw isTaken ? new UsageError(`Port ${port} is in use. Take another one: roster-sync sandbox --port 0`) : error;
  });
  say(describeSandbox(sandbox));
  await stopSignal();
  await sandbox.close();
  return EXIT.done;
}
