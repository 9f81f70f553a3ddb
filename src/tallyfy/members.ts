// Members as Tallyfy describes them, in all the shapes its generations have (tallyfy-api.md 2.2, 2.4), read as accounts.
// Only what an account needs is read; groups, links and pictures may have any shape.

import { hash } from "node:crypto";
import { z } from "zod";
import type { Account, AccountStatus } from "../domain/ledger.ts";
import { normaliseEmail, type Profile, ROLES, type Role } from "../domain/profile.ts";

const text = z.string().nullable().catch(null).default(null);
const flag = z
  .union([
    z.boolean(),
    z.literal([0, 1, "0", "1", "true", "false"]).transform((value) => [1, "1", "true"].includes(value)),
  ])
  .nullable()
  .catch(null)
  .default(null);
const id = z
  .union([
    z.int().positive(),
    z
      .string()
      .regex(/^\d{1,15}$/)
      .transform(Number),
  ])
  .nullable()
  .catch(null)
  .default(null);

const memberShape = z.object({
  id,
  email: text,
  first_name: text,
  last_name: text,
  role: text,
  user_role: text,
  status: text,
  type: text,
  active: flag,
  is_active: flag,
  is_suspended: flag,
  is_bot: flag,
  support_user: flag,
  disabled_at: text,
  is_default_admin: flag,
});

type Member = z.infer<typeof memberShape>;

const LONGEST_KEY = 300;
const BOT_WORDS = ["bot", "system", "support", "support_user", "service"];
const envelope = z.object({ data: z.looseObject({}) });

/** What a list item is known by while counting: its id, else its address, else all of it; never long, as all are kept. */
export function memberKey(item: unknown): string {
  const member = memberShape.safeParse(item);
  if (member.success && member.data.id !== null) return `id ${member.data.id}`;
  const isAddressed = member.success && member.data.email !== null;
  const text = isAddressed ? `email ${normaliseEmail(member.data.email ?? "")}` : JSON.stringify(item);
  return text.length <= LONGEST_KEY ? text : hash("sha256", text);
}

/** Null: an item without an address; it counts as a member but can be nobody's account. */
export function readMember(item: unknown): Account | null {
  const parsed = memberShape.safeParse(item);
  if (!parsed.success || parsed.data.email === null || parsed.data.email.trim() === "") return null;
  const member = parsed.data;
  return {
    accountId: member.id,
    email: normaliseEmail(parsed.data.email),
    firstName: member.first_name ?? "",
    lastName: member.last_name ?? "",
    role: roleOf(member.role ?? member.user_role),
    status: statusOf(member),
    isBot: isBot(member),
    isDefaultAdmin: member.is_default_admin === true,
  };
}

/**
 * The answer to a creation (tallyfy-api.md 2.2: it names no status). What Tallyfy leaves out is taken from what was sent.
 * Null: no user in it, or another one than was asked for.
 */
export function readCreated(json: unknown, profile: Profile): Account | null {
  const enveloped = envelope.safeParse(json);
  const item: unknown = enveloped.success ? enveloped.data.data : json;
  const parsed = memberShape.safeParse(item);
  if (!parsed.success || (parsed.data.id === null && parsed.data.email === null)) return null;
  const member = parsed.data;
  if (member.email !== null && normaliseEmail(member.email) !== normaliseEmail(profile.email)) return null;
  return {
    accountId: member.id,
    email: normaliseEmail(profile.email),
    firstName: member.first_name ?? profile.firstName,
    lastName: member.last_name ?? profile.lastName,
    role: roleOf(member.role ?? member.user_role) ?? profile.role,
    status: statusOf(member),
    isBot: isBot(member),
    isDefaultAdmin: member.is_default_admin === true,
  };
}

function roleOf(word: string | null): Role | null {
  const lower = word?.trim().toLowerCase();
  return ROLES.find((role) => role === lower) ?? null;
}

/** `status` where it is there; older generations have flags instead (tallyfy-api.md 2.4). */
function statusOf(member: Member): AccountStatus {
  const word = member.status?.trim().toLowerCase() ?? "";
  if (word === "active") return "active";
  if (word === "invited" || word === "pending") return "invited";
  if (word === "disabled" || word === "deactivated" || word === "suspended") return "disabled";
  if (word !== "") return "unknown";
  if (member.is_suspended === true || member.disabled_at !== null) return "disabled";
  return member.is_active === true || member.active === true ? "active" : "unknown";
}

/** How bots are marked is not documented (tallyfy-api.md 12.8): any of these hints is enough. */
function isBot(member: Member): boolean {
  if (member.is_bot === true || member.support_user === true) return true;
  return [member.type, member.role, member.user_role, member.status].some(
    (word) =>
      word !== null &&
      BOT_WORDS.includes(
        word
          .trim()
          .toLowerCase()
          .replace(/[\s-]+/g, "_"),
      ),
  );
}
