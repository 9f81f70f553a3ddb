// `config`: every option, its value (secrets masked) and where it came from; or the JSON Schema.

import { configJsonSchema, describeConfig } from "../config/describe.ts";
import { EXIT, type ExitCode } from "../domain/exit.ts";
import { say, sayJson } from "./output.ts";
import { type GlobalOptions, readConfig } from "./session.ts";

export function configCommand(options: GlobalOptions & { readonly schema?: boolean }): ExitCode {
  if (options.schema === true) {
    sayJson(JSON.stringify(configJsonSchema(), null, 2));
    return EXIT.done;
  }
  const rows = describeConfig(readConfig(options, []));
  const names = Math.max(...rows.map((row) => row.env.length)) + 2;
  const values = Math.min(48, Math.max(...rows.map((row) => row.value.length))) + 2;
  for (const { env, value, source } of rows) say(`${env.padEnd(names)}${value.padEnd(values)}${source}`);
  return EXIT.done;
}
