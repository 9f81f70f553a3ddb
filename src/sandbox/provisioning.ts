// The two calls of an app token: create a user, and mint a token for a user by e-mail (tallyfy-api.md 2.2, 2.3).
// Also whether a seat is free, since role changes and enabling ask that too (3.3).

import { type Answer, type FieldProblem, invalid, ok, type Refusal, refuse } from "./answers.ts";
import { decoded, type Handler, jsonBody } from "./call.ts";
import { noteViolation } from "./counts.ts";
import { createdItem } from "./member-json.ts";
import { type Member, poolOf, type SeatPool } from "./members.ts";
import type { MessageId } from "./messages.ts";
import { checkEmail, checkName, checkRole, checkTimezone, type FieldFinding, isRole } from "./person-fields.ts";
import type { SandboxState } from "./state.ts";

const CREATE_FIELDS: readonly string[] = ["first_name", "last_name", "email", "role", "timezone"];

export const createUser: Handler = (state, call) => {
  const { switches, counts } = state;
  counts.createsAttempted++;
  const body = jsonBody(call);
  if (body === null) {
    noteViolation(counts, "body-not-json");
    return refuse(400, "BAD_REQUEST", "body");
  }
  // Unknown keys are dropped in silence (2.6).
  if (Object.keys(body).some((name) => !CREATE_FIELDS.includes(name))) noteViolation(counts, "field-unknown");
  const refusal = refuseFields(state, {
    first_name: checkName(body.first_name, switches),
    last_name: checkName(body.last_name, switches),
    email: checkEmail(body.email, switches),
    role: checkRole(body.role, switches, false),
    timezone: checkTimezone(body.timezone, false),
  });
  if (refusal !== null) return refusal;
  if (switches.readOnlyOrg) return refuse(403, null, "readOnly");

  const email = String(body.email);
  const existing = state.members.byEmail(email);
  if (existing !== undefined || isTakenElsewhere(state, email)) {
    counts.taken++;
    return takenAnswer(state, existing);
  }
  const role = isRole(body.role) ? body.role : "standard";
  const noSeat = refuseSeat(state, poolOf(role));
  if (noSeat !== null) return noSeat;

  const member = state.members.add(
    {
      email,
      firstName: String(body.first_name),
      lastName: String(body.last_name),
      role,
      status: switches.createdUserStatus,
      timezone: typeof body.timezone === "string" ? body.timezone : "UTC",
    },
    state.now(),
  );
  noteWrite(state, email);
  if (switches.createAnswer === "empty") return ok(undefined, switches.createStatus);
  const { id, ...withoutId } = createdItem(member);
  return ok({ data: switches.createAnswer === "without-id" ? withoutId : { id, ...withoutId } }, switches.createStatus);
};

function noteWrite(state: SandboxState, email: string): void {
  const writes = (state.writes.get(email.toLowerCase()) ?? 0) + 1;
  state.writes.set(email.toLowerCase(), writes);
  state.counts.created++;
  if (writes === 2) state.counts.createdTwice++;
}

function isTakenElsewhere({ switches }: SandboxState, email: string): boolean {
  const isOtherOrg = has(switches.otherOrgEmails, email) && switches.otherOrgOnCreate === "taken";
  return isOtherOrg || has(switches.guestEmails, email);
}

export function has(emails: readonly string[], email: string): boolean {
  return emails.some((one) => one.toLowerCase() === email.toLowerCase());
}

function takenAnswer({ switches }: SandboxState, existing: Member | undefined): Answer {
  const problem = (form: FieldProblem["form"]): Pick<Refusal, "fields"> => ({
    fields: { email: { message: "taken", ...(form === undefined ? {} : { form }) } },
  });
  switch (switches.takenAs) {
    case "409":
      return refuse(409, "CONFLICT", "taken");
    case "structured":
      return refuse(409, "EMAIL_TAKEN", "taken", { shape: "structured", details: { field: "email" } });
    case "400":
      return refuse(400, null, "taken", { shape: "legacy" });
    case "422-laravel":
      return refuse(422, null, "validation", { shape: "laravel", ...problem("list") });
    case "422-string":
      return refuse(422, null, "validation", { shape: "validation", ...problem("string") });
    case "422-nested":
      return refuse(422, null, "validation", { shape: "validation", ...problem("nested") });
    case "200-existing":
      // Somebody outside the organisation cannot be shown as if just created.
      if (existing !== undefined) return ok({ data: createdItem(existing) });
      break;
    case "422":
      break;
  }
  return refuse(422, null, "validation", { shape: "validation", ...problem("list") });
}

/** Null: a seat is free in the pool. */
export function refuseSeat(state: SandboxState, pool: SeatPool): Refusal | null {
  const limit = state.switches.seats[pool];
  if (limit === null || state.members.seatsHeld(pool) < limit) return null;
  switch (state.switches.seatRefusal) {
    case "409":
      return refuse(409, "SEAT_POOL_EXHAUSTED", "seats", { shape: "structured", details: { pool_type: pool } });
    case "409-bare":
      return refuse(409, "SEAT_POOL_EXHAUSTED", "seats", { shape: "structured" });
    case "402":
      return refuse(402, "TRIAL_LIMIT_REACHED_100_U", "trial");
  }
}

/** 422 for the fields with a finding, their violations noted; null when there is none. */
export function refuseFields(
  state: SandboxState,
  findings: Readonly<Record<string, FieldFinding | null>>,
): Refusal | null {
  const problems: Record<string, MessageId> = {};
  for (const [field, finding] of Object.entries(findings)) {
    if (finding === null) continue;
    problems[field] = finding.message;
    if (finding.violation !== null) noteViolation(state.counts, finding.violation);
  }
  return Object.keys(problems).length === 0 ? null : invalid(problems);
}

export const mintUserToken: Handler = (state, call) => {
  const { switches, counts } = state;
  const raw = call.params.email ?? "";
  if (/[@+]/.test(raw)) noteViolation(counts, "email-not-encoded");
  if (call.body !== "") noteViolation(counts, "mint-with-body");

  const email = decoded(raw);
  const member = state.members.byEmail(email);
  if (member === undefined || (switches.mintIsCaseSensitive && member.email !== email)) {
    if (has(switches.otherOrgEmails, email)) return invalid({ email: "notInOrg" });
    return refuse(404, "RESOURCE_NOT_FOUND", "member");
  }
  if (member.status !== "active" && switches.mintForInactive === "422") return invalid({ email: "notInOrg" });

  if (switches.mintRevokesEarlier) state.tokens.revokeMember(member.id);
  const key = member.email.toLowerCase();
  counts.mints[key] = (counts.mints[key] ?? 0) + 1;
  const token = state.tokens.issue({ kind: "user", memberId: member.id }, switches.userTokenLifetimeS, state.now());
  return ok({ token_type: "Bearer", expires_in: switches.userTokenLifetimeS, access_token: token });
};
