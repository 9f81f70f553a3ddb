import { expect, test } from "vitest";
import { privateMatter } from "../../src/domain/private-values.ts";

test.each([
  ["123-45-6789", "US social security numbers"],
  ["AB 12 34 56 C", "UK national insurance numbers"],
  ["RSSMRA85T10A562S", "Italian tax codes"],
  ["DE89 3704 0044 0532 0130 00", "bank accounts (IBAN)"],
  ["12345678Z", "Spanish national ids"],
])("%s looks like %s", (id, matter) => expect(privateMatter(id)).toBe(matter));

test.each([
  "1001",
  "E-1001",
  "000-45-6789",
  "123456789",
  "12345678A",
  "DE90370400440532013000",
  "AB123456",
  "MX-12-3456",
])("%s is an id like any other", (id) => expect(privateMatter(id)).toBeNull());
