// From an error to what the person reads and what the shell is told. Unknown errors are bugs and say so.

import { ConfigProblems } from "../config/load.ts";
import type { ExitCode } from "../domain/exit.ts";
import { EXIT } from "../domain/exit.ts";
import { ListingLost } from "../domain/listing-lost.ts";
import { OtherLedger } from "../domain/other-ledger.ts";
import { RosterRefused } from "../domain/roster-refused.ts";
import { TallyfyError } from "../domain/tallyfy-error.ts";
import { DataFolderError } from "../inbox/data-folder.ts";
import { describeError } from "../log.ts";
import { RedisUnreachable } from "../store/connection.ts";
import { EmbeddedRedisError } from "../store/embedded-redis.ts";
import { redisRefusal } from "../store/redis-refusal.ts";
import { UnknownMember } from "../tallyfy/user-token.ts";
import { WebRefused } from "../web/server.ts";
import { problemLines } from "./problem-lines.ts";
import { UsageError } from "./usage-error.ts";

export interface Failure {
  readonly exitCode: ExitCode;
  readonly text: string;
}

const LISTING_LOST =
  "Redis lost a part of the list of Tallyfy's members while it was read: it was set back, or this machine slept for too long. " +
  "The list from before still counts. Give the same command again.";

export function failureOf(error: unknown): Failure {
  if (error instanceof UsageError) return { exitCode: EXIT.usage, text: error.message };
  if (error instanceof ConfigProblems) return { exitCode: EXIT.configuration, text: configText(error) };
  if (error instanceof WebRefused) return { exitCode: EXIT.configuration, text: error.message };
  if (error instanceof UnknownMember) return { exitCode: EXIT.usage, text: error.message };
  if (error instanceof OtherLedger) return { exitCode: EXIT.configuration, text: error.message };
  if (error instanceof DataFolderError) return { exitCode: EXIT.configuration, text: error.message };
  if (error instanceof RedisUnreachable) return { exitCode: EXIT.unreachable, text: error.message };
  if (error instanceof ListingLost) return { exitCode: EXIT.unreachable, text: LISTING_LOST };
  const refusal = redisRefusal(error);
  if (refusal !== null) return { exitCode: EXIT.unreachable, text: `${refusal} Nothing is lost: then try again.` };
  if (error instanceof EmbeddedRedisError) return { exitCode: EXIT.unreachable, text: error.message };
  if (error instanceof RosterRefused) {
    return { exitCode: EXIT.refused, text: ["The roster was refused.", ...problemLines(error.issues)].join("\n") };
  }
  if (error instanceof TallyfyError) return { exitCode: exitCodeOfTallyfy(error), text: error.message };
  const text = `This is a bug in roster-sync: ${JSON.stringify(describeError(error), null, 2)}`;
  return { exitCode: EXIT.bug, text };
}

function exitCodeOfTallyfy(error: TallyfyError): ExitCode {
  switch (error.kind) {
    case "unauthorized":
    case "forbidden":
      return EXIT.credentials;
    case "rate-limited":
    case "unavailable":
    case "timeout":
    case "protocol":
      return EXIT.unreachable;
    case "invalid":
    case "conflict":
    case "no-seat":
    case "not-found":
      return EXIT.partial;
  }
}

function configText(error: ConfigProblems): string {
  const lines = error.problems.map(({ name, message, fix }) => `  ${name}: ${message} ${fix}`);
  return [`The configuration has ${lines.length === 1 ? "a problem" : `${lines.length} problems`}:`, ...lines].join(
    "\n",
  );
}
