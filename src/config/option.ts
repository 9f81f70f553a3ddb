// What an option is: a zod type with a default, and what people are told about it. The helpers make the kinds that occur.
// No option is named here (schema.ts) and none is read (load.ts).

import { z } from "zod";

/** How text from the environment becomes a value: as it is, a number, yes or no, or JSON. */
export type OptionKind = "text" | "number" | "flag" | "json";

export interface OptionFacts {
  readonly kind: OptionKind;
  /** One line: what it is for. */
  readonly about: string;
  /** Completes "Give ...". */
  readonly expected: string;
  /** Never printed; may also come from a file that NAME_FILE names. */
  readonly isSecret: boolean;
  /** Not printed in messages about mistakes, since it says who somebody is. */
  readonly isPersonal: boolean;
}

/** Keeps the facts beside the schema and out of the published JSON Schema. */
const facts = new WeakMap<z.ZodType, OptionFacts>();

type Told = Partial<Pick<OptionFacts, "isSecret" | "isPersonal">>;

function option<T extends z.ZodType>(type: T, told: Pick<OptionFacts, "kind" | "about" | "expected"> & Told): T {
  const described = type.describe(told.about);
  facts.set(described, { isSecret: false, isPersonal: false, ...told });
  return described;
}

/** The facts of an option; null for a group of options. */
export function factsOf(type: z.ZodType): OptionFacts | null {
  return facts.get(type) ?? null;
}

/** Text that may be left out. */
export function optionalText(fits: (text: string) => boolean, expected: string, about: string, told: Told = {}) {
  const type = z.string().refine(fits).nullable().default(null);
  return option(type, { kind: "text", expected, about, ...told });
}

export function text(fits: (text: string) => boolean, fallback: string, expected: string, about: string) {
  return option(z.string().refine(fits).default(fallback), { kind: "text", expected, about });
}

export function choice<const T extends readonly string[]>(words: T, fallback: T[number], about: string) {
  const expected = `one of ${words.map((word) => JSON.stringify(word)).join(", ")}`;
  return option(z.enum(words).default(fallback as never), { kind: "text", expected, about });
}

/** A whole number. `unit` completes "a whole number of ...". */
export function whole(least: number, most: number, fallback: number, unit: string, about: string) {
  const expected = `a whole number${unit === "" ? "" : ` of ${unit}`} from ${least} to ${most}`;
  return option(z.int().min(least).max(most).default(fallback), { kind: "number", expected, about });
}

export function fraction(least: number, most: number, fallback: number, about: string) {
  const expected = `a number from ${least} to ${most}`;
  return option(z.number().min(least).max(most).default(fallback), { kind: "number", expected, about });
}

/** A number that may be left out. */
export function optionalFraction(least: number, most: number, about: string) {
  const expected = `a number from ${least} to ${most}`;
  return option(z.number().min(least).max(most).nullable().default(null), { kind: "number", expected, about });
}

export function flag(fallback: boolean, about: string) {
  return option(z.boolean().default(fallback), { kind: "flag", expected: "true or false", about });
}

/** A list or a map: JSON in the environment. */
export function structure<T extends z.ZodType>(type: T, expected: string, about: string): T {
  return option(type, { kind: "json", expected, about });
}

/** Options under one heading; none of them needs to be given. */
export function group<const T extends z.ZodRawShape>(shape: T) {
  return z.strictObject(shape).prefault({} as never);
}
