// A member as the API writes one: the documented item of create and role change, and the fuller one of list and get.
// tallyfy-api.md 2.2 and 2.4; only shapes here.

import type { Member } from "./members.ts";
import type { SandboxSwitches } from "./switches.ts";

/** With milliseconds and `Z`, as create answers. */
function isoWithZ(ms: number): string {
  return new Date(ms).toISOString();
}

/** With `+00:00`, as the list answers. */
function isoWithOffset(ms: number): string {
  return `${isoWithZ(ms).slice(0, 19)}+00:00`;
}

/** The answer to a successful create. No `status`: the documented sample has none (2.2). */
export function createdItem(member: Member): Record<string, unknown> {
  return {
    id: member.id,
    email: member.email,
    first_name: member.firstName,
    last_name: member.lastName,
    role: member.role,
    created_at: isoWithZ(member.createdAtMs),
  };
}

/** The full profile, role in lower case, as the calls that change something answer (2.6, 2.7). */
export function profileItem(member: Member): Record<string, unknown> {
  const isActive = member.status === "active";
  return {
    id: member.id,
    email: member.email,
    username: member.email.split("@")[0],
    first_name: member.firstName,
    last_name: member.lastName,
    full_name: `${member.firstName} ${member.lastName}`,
    profile_pic: null,
    country_id: 77,
    is_active: isActive,
    last_login_at: null,
    activated_at: member.status === "invited" ? null : isoWithOffset(member.createdAtMs),
    type: member.status === "invited" ? null : "standard",
    created_at: isoWithOffset(member.createdAtMs),
    updated_at: isoWithOffset(member.updatedAtMs),
    phone: member.phone,
    job_title: member.jobTitle,
    timezone: member.timezone,
    UTC_offset: "+00:00",
    role: member.role,
    status: member.status,
    date_format: "DD/MM/YYYY",
    is_default_admin: member.isDefaultAdmin,
  };
}

/** An item of list and get, as the switches shape it. `isSparse`: only what the sparse item of the documented sample has. */
export function listItem(
  member: Member,
  switches: SandboxSwitches,
  isSparse: boolean,
  hasGroups: boolean,
): Record<string, unknown> {
  const role = switches.capitalisedRoles ? `${member.role[0]?.toUpperCase()}${member.role.slice(1)}` : member.role;
  if (isSparse) {
    const { id, email, firstName, lastName, status } = member;
    return { id, email, first_name: firstName, last_name: lastName, status, role };
  }
  const item: Record<string, unknown> = { ...profileItem(member), role };
  if (member.isBot && switches.botMark === "type") item.type = "bot";
  if (switches.botMark === "support_user") item.support_user = member.isBot;
  if (hasGroups) item.groups = switches.groupsShape === "object" ? { data: [] } : [];
  return item;
}
