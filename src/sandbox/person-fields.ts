// The rules for values that Tallyfy publishes or implies (tallyfy-api.md 2.2, 2.6, section 10), field by field.
// What the documentation forbids is a violation too; hidden rules (name lists, DNS) are refused without one.

import { NAME_MAX_CHARACTERS, ROLES, type Role } from "../domain/profile.ts";
import type { MessageId } from "./messages.ts";
import type { SandboxSwitches } from "./switches.ts";
import type { Violation } from "./violations.ts";

export interface FieldFinding {
  readonly message: MessageId;
  /** Null where no documentation could have told the client. */
  readonly violation: Violation | null;
}

const EMAIL = /^[^\s@"(),:;<>[\]\\]{1,64}@((?:[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?\.)+[\p{L}\p{N}-]{2,})$/u;
const URL_LIKE = /https?:|www\.|\b[\w-]+\.(com|net|org|io|info)\b/i;

const knownZones = new Map<string, boolean>();

export function checkName(value: unknown, switches: SandboxSwitches): FieldFinding | null {
  if (typeof value !== "string" || value.trim() === "") return { message: "required", violation: "name-empty" };
  if ([...value].length > NAME_MAX_CHARACTERS) return { message: "nameLong", violation: "name-too-long" };
  if (URL_LIKE.test(value)) return { message: "nameUrl", violation: null };
  const isDisallowed = switches.disallowedNames.includes(value.trim().toLowerCase());
  return isDisallowed ? { message: "nameDisallowed", violation: null } : null;
}

export function checkEmail(value: unknown, switches: SandboxSwitches): FieldFinding | null {
  const domain = typeof value === "string" && value.length <= 254 ? EMAIL.exec(value)?.[1] : undefined;
  if (domain === undefined) return { message: "email", violation: "email-invalid" };
  return switches.unknownDomains.includes(domain.toLowerCase()) ? { message: "domain", violation: null } : null;
}

/** `value` may be missing where the role is optional. */
export function checkRole(value: unknown, switches: SandboxSwitches, isRequired: boolean): FieldFinding | null {
  if (value === undefined && !isRequired) return null;
  if (!isRole(value)) return { message: "role", violation: "role-invalid" };
  return value === "light" && !switches.lightRoleEnabled ? { message: "light", violation: null } : null;
}

/** `value` may be missing where the zone is optional. */
export function checkTimezone(value: unknown, isRequired: boolean): FieldFinding | null {
  if (value === undefined && !isRequired) return null;
  if (typeof value === "string" && isZone(value)) return null;
  return { message: "timezone", violation: "timezone-invalid" };
}

export function isRole(value: unknown): value is Role {
  return ROLES.some((role) => role === value);
}

function isZone(name: string): boolean {
  const known = knownZones.get(name);
  if (known !== undefined) return known;
  const is = name === "UTC" || (name.includes("/") && canFormat(name));
  knownZones.set(name, is);
  return is;
}

function canFormat(timeZone: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone });
    return true;
  } catch {
    return false;
  }
}
