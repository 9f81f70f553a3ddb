// /__sandbox/…: how a test or a person outside the process looks into the sandbox and turns its switches.
// Never counted, never limited, never faulty; needs no token, which is why the sandbox listens on loopback only.

import { ok, type Success } from "./answers.ts";
import type { SandboxState } from "./state.ts";
import { applyChanges, problemsOf } from "./switch-check.ts";
import type { SwitchChanges } from "./switches.ts";

export const CONTROL_PREFIX = "/__sandbox/";

/** @param path with its query */
export function answerControl(state: SandboxState, method: string, path: string, body: string): Success {
  const url = new URL(path, "http://sandbox");
  switch (`${method} ${url.pathname}`) {
    case "GET /__sandbox/state":
      return ok(stateOf(state, url.searchParams.has("times")));
    case "GET /__sandbox/members":
      return ok({ members: membersWithWrites(state) });
    case "GET /__sandbox/switches":
      return ok(state.switches);
    case "PATCH /__sandbox/switches":
      return patchSwitches(state, body);
    case "POST /__sandbox/reset": {
      const what = url.searchParams.get("only") ?? "all";
      if (what !== "all" && what !== "counts") return ok({ problems: ['"only" takes "counts".'] }, 400);
      state.reset(what);
      return ok({ reset: what });
    }
    case "POST /__sandbox/revoke": {
      const kind = url.searchParams.get("kind");
      if (kind !== null && kind !== "app" && kind !== "user")
        return ok({ problems: ['"kind" takes "app" or "user".'] }, 400);
      state.tokens.revokeAll(kind ?? undefined);
      return ok({ revoked: kind ?? "all" });
    }
    default:
      return ok({ problems: [`There is no ${method} ${url.pathname} here.`] }, 404);
  }
}

/** The times are long lists, and left out unless asked for. */
function stateOf({ counts, members, identity }: SandboxState, hasTimes: boolean): Record<string, unknown> {
  const { requestTimesMs, createTimesMs, ...rest } = counts;
  const { clientSecret: _hidden, ...shown } = identity;
  return {
    counts: hasTimes ? { ...rest, requestTimesMs, createTimesMs } : rest,
    members: members.size,
    identity: shown,
  };
}

function membersWithWrites(state: SandboxState): readonly Record<string, unknown>[] {
  return state.members.ordered(null).map(({ id, email, role, status, createdAtMs }) => ({
    id,
    email,
    role,
    status,
    createdAtMs,
    creates: state.writes.get(email.toLowerCase()) ?? 0,
  }));
}

function patchSwitches(state: SandboxState, body: string): Success {
  let changes: unknown;
  try {
    changes = JSON.parse(body);
  } catch {
    return ok({ problems: ["The body is not JSON."] }, 400);
  }
  const problems = problemsOf(changes);
  if (problems.length > 0) return ok({ problems }, 400);
  applyChanges(state.switches, changes as SwitchChanges);
  return ok(state.switches);
}
