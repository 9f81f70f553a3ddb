// What an administrator's user token changes about a member: profile, role, disable, enable (tallyfy-api.md 2.6, 2.7, 2.9, 2.10).

import { ok, refuse } from "./answers.ts";
import { type Handler, jsonBody } from "./call.ts";
import { noteViolation } from "./counts.ts";
import { profileItem } from "./member-json.ts";
import { holdsSeat, type Member, poolOf } from "./members.ts";
import { adminsTarget } from "./organization.ts";
import { checkName, checkRole, checkTimezone, isRole } from "./person-fields.ts";
import { has, refuseFields, refuseSeat } from "./provisioning.ts";
import type { SandboxState } from "./state.ts";

const PHONE_MAX_CHARACTERS = 20;

/** Not a patch: names and zone are required every time. Unknown keys are dropped in silence. */
export const updateUser: Handler = (state, call) => {
  const member = adminsTarget(state, call);
  if ("kind" in member) return member;
  const body = jsonBody(call);
  if (body === null) {
    noteViolation(state.counts, "body-not-json");
    return refuse(400, "BAD_REQUEST", "body");
  }
  const refusal = refuseFields(state, {
    first_name: checkName(body.first_name, state.switches),
    last_name: checkName(body.last_name, state.switches),
    timezone: checkTimezone(body.timezone, true),
    phone:
      String(body.phone ?? "").length > PHONE_MAX_CHARACTERS ? { message: "phone", violation: "phone-too-long" } : null,
  });
  if (refusal !== null) return refusal;
  if (state.switches.readOnlyOrg) return refuse(403, null, "readOnly");
  if (member.isBot) return refuse(403, "FORBIDDEN", "botEdit");
  if (has(state.switches.otherOrgEmails, member.email)) return refuse(403, "FORBIDDEN", "otherOrg");

  return changed(state, member, {
    firstName: String(body.first_name),
    lastName: String(body.last_name),
    timezone: String(body.timezone),
    ...(body.job_title === undefined ? {} : { jobTitle: textOrNull(body.job_title) }),
    ...(body.phone === undefined ? {} : { phone: textOrNull(body.phone) }),
  });
};

function textOrNull(value: unknown): string | null {
  return value === null ? null : String(value);
}

function changed(state: SandboxState, member: Member, fields: Parameters<SandboxState["members"]["change"]>[1]) {
  return ok({ data: profileItem(state.members.change(member.id, fields, state.now())) });
}

/** Moving to the light pool is never refused; moving to the full pool needs a seat (2.7). */
export const changeRole: Handler = (state, call) => {
  const member = adminsTarget(state, call);
  if ("kind" in member) return member;
  const body = jsonBody(call);
  const role = body?.role;
  const refusal = refuseFields(state, { role: checkRole(role, state.switches, true) });
  if (refusal !== null || !isRole(role)) return refusal ?? refuse(422, null, "role");
  if (state.switches.readOnlyOrg) return refuse(403, null, "readOnly");
  if (role !== "admin" && (member.isDefaultAdmin || isLastAdmin(state, member))) {
    return refuse(400, "BAD_REQUEST", "defaultAdmin");
  }
  const needsSeat = poolOf(role) === "full" && poolOf(member.role) === "light" && holdsSeat(member);
  return (needsSeat ? refuseSeat(state, "full") : null) ?? changed(state, member, { role });
};

/** Repeating it changes nothing and answers the same. */
export const disableUser: Handler = (state, call) => {
  const member = adminsTarget(state, call);
  if ("kind" in member) return member;
  if (state.switches.readOnlyOrg) return refuse(403, null, "readOnly");
  if (member.isBot) return refuse(400, "BAD_REQUEST", "botDisable");
  if (member.isDefaultAdmin || isLastAdmin(state, member)) return refuse(400, "BAD_REQUEST", "defaultAdmin");
  return member.status === "disabled"
    ? ok({ data: profileItem(member) })
    : changed(state, member, { status: "disabled" });
};

/** Only a disabled member changes; enabling anyone else answers how they are. */
export const enableUser: Handler = (state, call) => {
  const member = adminsTarget(state, call);
  if ("kind" in member) return member;
  if (state.switches.readOnlyOrg) return refuse(403, null, "readOnly");
  if (member.status !== "disabled") return ok({ data: profileItem(member) });
  return refuseSeat(state, poolOf(member.role)) ?? changed(state, member, { status: "active" });
};

function isLastAdmin(state: SandboxState, member: Member): boolean {
  const isAdmin = (one: Member) => one.role === "admin" && one.status === "active" && !one.isBot;
  return isAdmin(member) && state.members.ordered(null).filter(isAdmin).length === 1;
}
