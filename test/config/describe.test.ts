import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseDocument } from "yaml";
import { configJsonSchema, describeConfig, optionTable } from "../../src/config/describe.ts";
import { OPTIONS } from "../../src/config/schema.ts";
import { useFolder } from "./loading.ts";

const folder = useFolder();
const root = new URL("../../", import.meta.url);

test("config/default.yaml holds every option in order, with its default and its one-line comment", () => {
  const text = readFileSync(new URL("config/default.yaml", root), "utf8");
  const document = parseDocument(text);
  const lines = text.split("\n");
  let last = 0;
  for (const { path, fallback, about } of OPTIONS) {
    const parts = path.split(".");
    expect(document.getIn(parts), path).toSatisfy(
      (value: unknown) => JSON.stringify(value) === JSON.stringify(fallback),
      `${path} is ${JSON.stringify(fallback)}`,
    );
    const indent = "  ".repeat(parts.length - 1);
    const at = lines.indexOf(`${indent}# ${about}`, last);
    expect(at, `the comment of ${path}`).toBeGreaterThanOrEqual(last);
    expect(lines[at + 1]).toMatch(new RegExp(`^${indent}${parts.at(-1)}: `));
    last = at;
  }
  expect(folder.load().sources).toEqual(Object.fromEntries(OPTIONS.map(({ path }) => [path, "default"])));
});

test("no two options share an environment name, and none is another one's _FILE", () => {
  const names = OPTIONS.flatMap(({ env, isSecret }) => (isSecret ? [env, `${env}_FILE`] : [env]));
  expect(new Set(names).size).toBe(names.length);
});

test("the description covers secrets and tells where values came from", () => {
  const loaded = folder.load({
    env: {
      TALLYFY_CLIENT_SECRET: "s3cr3t",
      DASHBOARD_PASSWORD: "s3cr3t",
      TOKEN_ENCRYPTION_KEY: "s3cr3t s3cr3t s3cr3t",
      REDIS_URL: "rediss://user:s3cr3t@redis.example:6380/2",
      TALLYFY_ADMIN_EMAIL: "ada.admin@example.com",
    },
  });
  const rows = describeConfig(loaded);
  expect(JSON.stringify(rows)).not.toContain("s3cr3t");
  const byName = Object.fromEntries(rows.map(({ name, value, source }) => [name, `${value} | ${source}`]));
  expect(byName).toMatchObject({
    "tallyfy.client_secret": "(hidden) | environment TALLYFY_CLIENT_SECRET",
    "tallyfy.admin_email": "a***@example.com | environment TALLYFY_ADMIN_EMAIL",
    "redis.url": "rediss://***@redis.example:6380/2 | environment REDIS_URL",
    "tallyfy.org_id": "(not set) | default",
    hourly_budget: "900 | default",
    data_dir: `${folder.path()}/data | default`,
  });
  expect(rows).toHaveLength(OPTIONS.length);
});

test("the JSON Schema describes every option and needs none", () => {
  const schema = configJsonSchema() as {
    properties: { tallyfy: { properties: Record<string, object> } };
    required?: string[];
  };
  expect(schema.required).toBeUndefined();
  expect(schema.properties.tallyfy.properties.org_id).toMatchObject({ default: null, description: expect.any(String) });
  expect(JSON.stringify(schema).match(/"description"/g)?.length).toBe(OPTIONS.length);
  expect(schema).toMatchObject({ additionalProperties: false });
});

test("the table has one line for each option", () => {
  const table = optionTable();
  expect(table.split("\n")).toHaveLength(OPTIONS.length + 2);
  expect(table).toContain("| `tallyfy.client_secret` | `TALLYFY_CLIENT_SECRET` (or `_FILE`) |  |");
  expect(table).toContain("| `hourly_budget` | `HOURLY_BUDGET` | `900` |");
});

test("the README's table is the one that the options make (node scripts/options-table.mjs writes it)", () => {
  const readme = readFileSync(new URL("README.md", root), "utf8");
  const between = /<!-- options -->([\s\S]*?)<!-- \/options -->/.exec(readme)?.[1] ?? "";
  expect(cells(between)).toEqual(cells(optionTable()));
});

/** Without the padding that a formatter may give the columns. */
function cells(table: string): readonly string[][] {
  const lines = table.split("\n").filter((line) => line.startsWith("|"));
  return lines.map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim().replace(/^-+$/, "---")));
}
