// Who is in the organisation when the sandbox starts: the acting admin, a bot, and whoever the caller names or counts.
// Invented people only.

import type { Directory, SeedMember } from "./members.ts";

export const BOT_EMAIL = "bot@sandbox.example";

/** The address of the n-th (from 1) of a number of seeded members, so that rosters can be made to match. */
export function seededEmail(nth: number): string {
  return `member${String(nth).padStart(6, "0")}@sandbox.example`;
}

/**
 * Fills an empty directory. The admin and the bot are added where `members` does not name their addresses.
 *
 * @param members so many active standard members, or exactly these
 */
export function seedDirectory(
  directory: Directory,
  members: number | readonly SeedMember[],
  adminEmail: string,
  nowMs: number,
): void {
  const dayMs = 24 * 60 * 60 * 1000;
  const fixtures: readonly SeedMember[] = [
    { email: adminEmail, firstName: "Ada", lastName: "Admin", role: "admin", isDefaultAdmin: true },
    { email: BOT_EMAIL, firstName: "Tallyfy", lastName: "Bot", role: "admin", isBot: true },
  ];
  const named = typeof members === "number" ? [] : members;
  const addresses = new Set(named.map(({ email }) => email.toLowerCase()));
  // Named members first, so that an id of theirs is never given to somebody else.
  for (const member of named) directory.add({ createdAtMs: nowMs - dayMs, ...member }, nowMs);
  for (const member of fixtures) {
    if (!addresses.has(member.email.toLowerCase())) directory.add({ createdAtMs: nowMs - dayMs, ...member }, nowMs);
  }
  for (let nth = 1; typeof members === "number" && nth <= members; nth++) {
    directory.add(
      { email: seededEmail(nth), firstName: "Member", lastName: `No ${nth}`, createdAtMs: nowMs - dayMs },
      nowMs,
    );
  }
}
