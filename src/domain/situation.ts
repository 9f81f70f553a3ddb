// The decision table: how roster and ledger stand to each other for one person, and what follows.
// Pure, total, and read from top to bottom: the first line that fits decides.
//
//   ledger entry | e-mail known as     | account in Tallyfy | roster says       | situation    | what happens
//   -------------|---------------------|--------------------|-------------------|--------------|---------------------------
//   any          | somebody else's     | any                | any               | taken        | left alone, reported
//   yes          | another than before | any                | any               | readdressed  | left alone, reported
//   any          | any other           | any                | says both         | unproven     | left alone, reported
//   yes          | theirs              | disabled           | has left          | gone         | nothing
//   yes          | theirs              | any other          | has left          | leaver       | left alone, reported
//   yes          | theirs              | no longer listed   | working           | vanished     | left alone, reported
//   yes          | theirs              | disabled           | working           | rehire       | left alone, reported
//   yes          | theirs              | any other          | working           | same         | nothing
//   no           | nobody's            | bot                | any               | protected    | left alone, reported
//   no           | nobody's            | none or disabled   | has left          | gone         | nothing
//   no           | nobody's            | any other          | has left          | leaver       | left alone, reported
//   no           | nobody's            | disabled           | working           | rehire       | left alone, reported
//   no           | nobody's            | any other          | working           | same         | adopted into the ledger
//   no           | nobody's            | none               | starts later      | future       | nothing until the day comes
//   no           | nobody's            | none               | working           | joiner       | create
//
// A ledger entry made while the roster had no employee ids (its key is the fingerprint of the address) counts as
// "nobody's": it is the same person, and is adopted again under the employee id. Until Tallyfy was listed, it stands for an
// account. A roster says both where its status is a word for working, and its end date is past by more than HR takes to enter one.

import { addDays, type Day } from "./day.ts";
import type { Employee } from "./employee.ts";
import type { Standing } from "./ledger.ts";

export const SITUATIONS = [
  "joiner",
  "mover",
  "leaver",
  "absent",
  "rehire",
  "same",
  "future",
  "gone",
  "out-of-scope",
  "unreadable",
  "duplicate",
  "merged",
  "unproven",
  "protected",
  "readdressed",
  "taken",
  "vanished",
] as const;

export type Situation = (typeof SITUATIONS)[number];

/** Situations in which somebody was left out because we could not be sure: they make a run end with "some rows left out". */
export const LEFT_OUT: readonly Situation[] = [
  "unreadable",
  "duplicate",
  "unproven",
  "protected",
  "readdressed",
  "taken",
  "vanished",
];

export type Decision =
  | { readonly kind: "create"; readonly reason: "joiner" }
  | { readonly kind: "adopt"; readonly accountId: number | null }
  | { readonly kind: "leave"; readonly situation: Situation; readonly because: string };

/** What the decision depends on beside the person. */
export interface Terms {
  /** The day for which is decided. */
  readonly asOf: Day;
  /** People who start at most so many days later are created already. */
  readonly leadDays: number;
}

const SAME = leave("same", "Already provisioned.");

/** Decides for one employee. */
export function decide(employee: Employee, standing: Standing, terms: Terms): Decision {
  const { entry, account } = standing;
  const emailOwner = standing.emailOwner === employee.emailHash ? null : standing.emailOwner;
  if (emailOwner !== null && emailOwner !== employee.key) {
    return leave(
      "taken",
      "The ledger gives this e-mail address to another employee; find out which of the two is right.",
    );
  }
  const hasLeft = !employee.isWorking || (employee.endsOn !== null && employee.endsOn < terms.asOf);

  if (entry !== null && entry.emailHash !== employee.emailHash) {
    return leave(
      "readdressed",
      "The roster has another e-mail address for this person than the account was made with; " +
        "Tallyfy cannot change an address for them: change it in Tallyfy, or make a new account by hand.",
    );
  }
  if (saysBoth(employee, terms)) {
    return leave(
      "unproven",
      `The status says that this person works, and the end date ${employee.endsOn} is long past; correct the status in the ` +
        "HR system, or, if they came back, take the old end date away.",
    );
  }
  if (entry !== null) {
    if (hasLeft) {
      return account?.status === "disabled"
        ? leave("gone", "Has left, and the account is disabled.")
        : leave("leaver", "Has left but still has an account; this version disables nobody: do it in Tallyfy.");
    }
    if (standing.isListed && account === null) {
      return leave(
        "vanished",
        "Has a ledger entry, but Tallyfy no longer lists the account: somebody removed it, or an invitation ran out; " +
          "they are not created again without a person.",
      );
    }
    if (account?.status === "disabled") return disabledButWorking();
    return SAME;
  }

  if (account?.isBot === true) return leave("protected", "The address belongs to a bot account of the organisation.");
  const hasFormerEntry = standing.emailOwner === employee.emailHash && employee.key !== employee.emailHash;
  if (hasLeft) {
    const hasAccount = account === null ? hasFormerEntry && !standing.isListed : account.status !== "disabled";
    return hasAccount
      ? leave("leaver", "Has left but has an account; this version disables nobody: do it in Tallyfy.")
      : leave("gone", "Has left and has no active account.");
  }
  if (account?.status === "disabled") return disabledButWorking();
  if (account !== null) return { kind: "adopt", accountId: account.accountId };
  if (hasFormerEntry) return { kind: "adopt", accountId: null };
  if (startsLater(employee.startsOn, terms)) {
    return leave("future", `Starts on ${employee.startsOn}; comes due by itself.`);
  }
  return { kind: "create", reason: "joiner" };
}

/** So long may a status stay behind the end date of somebody who has left. */
const STATUS_FOLLOWS_WITHIN_DAYS = 31;

function saysBoth({ hasWorkingStatus, endsOn }: Employee, { asOf }: Terms): boolean {
  return (
    hasWorkingStatus === true && endsOn !== null && endsOn < asOf && endsOn < addDays(asOf, -STATUS_FOLLOWS_WITHIN_DAYS)
  );
}

/** Most have started long ago, which costs no calendar. */
function startsLater(startsOn: Day | null, { asOf, leadDays }: Terms): boolean {
  return startsOn !== null && startsOn > asOf && startsOn > addDays(asOf, leadDays);
}

function disabledButWorking(): Decision {
  return leave(
    "rehire",
    "Works according to the roster, but the account is disabled; this version reactivates nobody: enable it in Tallyfy.",
  );
}

function leave(situation: Situation, because: string): Decision {
  return { kind: "leave", situation, because };
}
