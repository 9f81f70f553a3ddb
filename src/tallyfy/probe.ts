// Finds out without changing anything whether Tallyfy still accepts our credentials for this organisation: a token is asked
// for an address that can never be a member. What follows from a refusal (halting) is the caller's decision.

import { TallyfyError } from "../domain/tallyfy-error.ts";
import { isNotTheApi } from "./messages.ts";
import type { TokenCache } from "./token-cache.ts";

/** The domain `.invalid` is reserved and never exists (RFC 2606). */
const NOBODY = "roster-sync-probe@probe.invalid";

export interface Refused {
  readonly status: number | null;
  readonly message: string;
}

/**
 * Null: accepted. 404 and 422 for an address that is no member mean that the app token was good (tallyfy-api.md 2.3).
 * @throws TallyfyError when no judgement is possible: no answer, 429, 5xx, nonsense
 */
export async function probe(
  appToken: TokenCache,
  mint: (token: string, email: string) => Promise<unknown>,
): Promise<Refused | null> {
  async function attempt(token: string): Promise<TallyfyError | null> {
    try {
      await mint(token, NOBODY);
      return null;
    } catch (error) {
      if (error instanceof TallyfyError) return error;
      throw error;
    }
  }

  async function obtained(token: Promise<string>): Promise<string | Refused> {
    try {
      return await token;
    } catch (error) {
      if (error instanceof TallyfyError && isLasting(error)) return refused(error);
      throw error;
    }
  }

  const token = await obtained(appToken.get());
  if (typeof token !== "string") return token;
  let failure = await attempt(token);
  if (failure?.kind === "unauthorized") {
    const fresh = await obtained(appToken.replace(token));
    if (typeof fresh !== "string") return fresh;
    failure = await attempt(fresh);
  }
  if (failure === null) return null;
  if (!isLasting(failure)) throw failure;
  const isAboutUs =
    failure.kind === "unauthorized" ||
    failure.kind === "forbidden" ||
    (failure.kind === "not-found" && isNotTheApi(failure.failure.code));
  return isAboutUs ? refused(failure) : null;
}

/** Whether the same call would be refused again. */
function isLasting(error: TallyfyError): boolean {
  return !["rate-limited", "unavailable", "timeout", "protocol"].includes(error.kind);
}

function refused({ failure }: TallyfyError): Refused {
  return { status: failure.status, message: failure.message };
}
