import { expect, test } from "vitest";
import { privateMatter } from "../../src/domain/private-values.ts";

test.each([
  ["123-45-6789", "US social security numbers"],
  ["AB 12 34 56 C", "UK national insurance numbers"],
  ["RSSMRA85T10A562S", "Italian tax codes"],
  ["DE89 3704 0044 0532 0130 00", "bank accounts (IBAN)"],
  ["12345678Z", "Spanish national ids"],
  ["850101-1236", "Swedish personal numbers"],
  ["529.982.247-25", "Brazilian tax numbers (CPF)"],
  ["756.9217.0769.85", "Swiss social insurance numbers"],
  ["1 85 05 78 006 084 91", "French social security numbers"],
  ["44051401359", "Polish national ids"],
  ["4111 1111 1111 1111", "payment cards"],
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
  "850101-1235",
  "44051401358",
  "4111111111111112",
  "20240001",
])("%s is an id like any other", (id) => expect(privateMatter(id)).toBeNull());
