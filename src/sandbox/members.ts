// The organisation's members: who is there, unique by e-mail without regard to case, with seats and the orders of the list.
// Synchronous throughout: between looking whether an address is free and writing it, nothing else can happen.

import type { Role } from "../domain/profile.ts";

export type MemberStatus = "active" | "invited" | "disabled";

export interface Member {
  readonly id: number;
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly role: Role;
  readonly status: MemberStatus;
  readonly timezone: string;
  readonly jobTitle: string | null;
  readonly phone: string | null;
  readonly isBot: boolean;
  readonly isDefaultAdmin: boolean;
  /** Milliseconds since 1970. */
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

/** A member there from the start. Only the address is needed. */
export type SeedMember = Partial<Omit<Member, "updatedAtMs">> & { readonly email: string };

export type SeatPool = "full" | "light";

export interface Directory {
  readonly size: number;
  byId(id: number): Member | undefined;
  /** Case-insensitively. */
  byEmail(email: string): Member | undefined;
  /**
   * Adds a member; `id` defaults to the next free one.
   * @throws Error when the address is there already: callers look first
   */
  add(seed: SeedMember, nowMs: number): Member;
  /** Changes a member and returns the new state. @throws Error when there is none with this id */
  change(id: number, fields: Partial<Omit<Member, "id" | "email">>, nowMs: number): Member;
  /** Takes a member out of the organisation, as when an invitation runs out (section 5). */
  remove(email: string): void;
  /** All members in one order: a field name as in the list, `-` in front for descending. Unknown fields: as they were added. */
  ordered(sort: string | null): readonly Member[];
  /** Seats that active and invited members hold. */
  seatsHeld(pool: SeatPool): number;
  clear(): void;
}

const SORTABLE: Readonly<Record<string, (member: Member) => string | number>> = {
  id: (member) => member.id,
  email: (member) => member.email,
  first_name: (member) => member.firstName,
  last_name: (member) => member.lastName,
  role: (member) => member.role,
  status: (member) => member.status,
  created_at: (member) => member.createdAtMs,
  updated_at: (member) => member.updatedAtMs,
};

const FIRST_ID = 1001;

export function createDirectory(): Directory {
  const byId = new Map<number, Member>();
  const byEmail = new Map<string, Member>();
  const orders = new Map<string, readonly Member[]>();
  const seats = { full: 0, light: 0 };
  let nextId = FIRST_ID;

  function store(member: Member): Member {
    byId.set(member.id, member);
    byEmail.set(member.email.toLowerCase(), member);
    countSeat(member, 1);
    orders.clear();
    return member;
  }

  function countSeat(member: Member, step: 1 | -1): void {
    if (holdsSeat(member)) seats[poolOf(member.role)] += step;
  }

  return {
    get size() {
      return byId.size;
    },
    byId: (id) => byId.get(id),
    byEmail: (email) => byEmail.get(email.toLowerCase()),
    add(seed, nowMs) {
      if (byEmail.has(seed.email.toLowerCase())) throw new Error("The address is taken.");
      const id = seed.id ?? nextId;
      if (byId.has(id)) throw new Error(`Member ${id} is there already.`);
      nextId = Math.max(nextId, id + 1);
      const createdAtMs = seed.createdAtMs ?? nowMs;
      return store({
        firstName: "Sam",
        lastName: "Sandbox",
        role: "standard",
        status: "active",
        timezone: "UTC",
        jobTitle: null,
        phone: null,
        isBot: false,
        isDefaultAdmin: false,
        ...seed,
        id,
        createdAtMs,
        updatedAtMs: createdAtMs,
      });
    },
    change(id, fields, nowMs) {
      const before = byId.get(id);
      if (before === undefined) throw new Error(`There is no member ${id}.`);
      countSeat(before, -1);
      return store({ ...before, ...fields, updatedAtMs: nowMs });
    },
    remove(email) {
      const member = byEmail.get(email.toLowerCase());
      if (member === undefined) return;
      countSeat(member, -1);
      byId.delete(member.id);
      byEmail.delete(member.email.toLowerCase());
      orders.clear();
    },
    ordered(sort) {
      const field = sort?.replace(/^-/, "") ?? "";
      const read = Object.hasOwn(SORTABLE, field) ? SORTABLE[field] : undefined;
      const key = read === undefined ? "" : (sort ?? "");
      const known = orders.get(key);
      if (known !== undefined) return known;
      const members = [...byId.values()];
      if (read !== undefined) members.sort((a, b) => compare(read(a), read(b)) || a.id - b.id);
      if (key.startsWith("-")) members.reverse();
      orders.set(key, members);
      return members;
    },
    seatsHeld: (pool) => seats[pool],
    clear() {
      byId.clear();
      byEmail.clear();
      orders.clear();
      seats.full = 0;
      seats.light = 0;
      nextId = FIRST_ID;
    },
  };
}

function compare(a: string | number, b: string | number): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

export function poolOf(role: Role): SeatPool {
  return role === "light" ? "light" : "full";
}

/** Whether a member takes a seat: invited ones do, bots never (section 5, the newer pages). */
export function holdsSeat(member: Pick<Member, "status" | "isBot">): boolean {
  return member.status !== "disabled" && !member.isBot;
}
