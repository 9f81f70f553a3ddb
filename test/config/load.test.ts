import { chmodSync, renameSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { describeSandbox } from "../../src/sandbox/serve.ts";
import { startSandbox } from "../../src/sandbox/server.ts";
import { ORG_ID, TALLYFY, useFolder } from "./loading.ts";

const folder = useFolder();

test("without anything given, the issue's defaults hold", () => {
  const { config } = folder.load();
  expect(config).toMatchObject({
    host: "127.0.0.1",
    port: 3000,
    dataDir: join(folder.path(), "data"),
    redis: { url: null },
    tallyfy: { tokenUrl: "https://account.tallyfy.com/oauth/token", apiUrl: "https://go.tallyfy.com/api", orgId: "" },
    schedule: { cron: "0 2 * * *" },
    limits: { createCount: 100, createPercent: 10 },
    rate: { perSecond: 1 },
    hourlyBudget: 900,
    dashboard: { user: "admin", password: null },
    roster: { delimiter: "auto", leadDays: 0, role: { default: "standard", allowAdmin: false } },
  });
  expect(config.schedule.timeZone).toBe(Intl.DateTimeFormat().resolvedOptions().timeZone);
});

test("every name that the issue fixes is read from the environment", () => {
  const { config } = folder.load({
    env: {
      ...TALLYFY,
      TALLYFY_TOKEN_URL: "https://token.example/oauth/token",
      TALLYFY_API_URL: "https://api.example/api",
      TALLYFY_ADMIN_EMAIL: "admin@example.com",
      REDIS_URL: "redis://redis.example:6379",
      DATA_DIR: "/srv/roster",
      HOST: "0.0.0.0",
      PORT: "8080",
      DASHBOARD_USER: "operator",
      DASHBOARD_PASSWORD: "correct horse",
      TOKEN_ENCRYPTION_KEY: "a long enough passphrase",
      LOG_LEVEL: "debug",
      INBOX_SETTLE_MS: "10",
      SCHEDULE_CRON: "30 1 * * 1-5",
      SCHEDULE_TIMEZONE: "Europe/Berlin",
      LIMITS_CREATE_COUNT: "5",
      LIMITS_CREATE_PERCENT: "2.5",
      RATE_PER_SECOND: "0.5",
      HOURLY_BUDGET: "100",
      WORKER_CONCURRENCY: "2",
    },
    needs: ["tallyfy"],
  });
  expect(config).toMatchObject({
    tallyfy: { orgId: ORG_ID, tokenUrl: "https://token.example/oauth/token", adminEmail: "admin@example.com" },
    redis: { url: "redis://redis.example:6379" },
    dataDir: "/srv/roster",
    host: "0.0.0.0",
    port: 8080,
    dashboard: { user: "operator", password: "correct horse" },
    tokenEncryptionKey: "a long enough passphrase",
    logLevel: "debug",
    inbox: { settleMs: 10 },
    schedule: { cron: "30 1 * * 1-5", timeZone: "Europe/Berlin" },
    limits: { createCount: 5, createPercent: 2.5 },
    rate: { perSecond: 0.5 },
    hourlyBudget: 100,
    worker: { concurrency: 2 },
  });
  expect(config.credentials()).toEqual({ clientId: "77", clientSecret: "s3cret+/=" });
});

test("the environment lies over the file, the file over the defaults, and each value's origin is told", () => {
  const configFile = folder.write("mine.yaml", "# mine\nport: 4000\nrate:\n  per_second: 2\n");
  const { config, sources } = folder.load({ configFile, env: { PORT: "5000" } });
  expect([config.port, config.rate.perSecond, config.hourlyBudget]).toEqual([5000, 2, 900]);
  expect(sources).toMatchObject({
    port: "environment PORT",
    "rate.per_second": "mine.yaml line 4",
    hourly_budget: "default",
  });
});

test("an empty variable counts as not set", () => {
  const { config, sources } = folder.load({ env: { PORT: "", TALLYFY_ADMIN_EMAIL: "" } });
  expect([config.port, config.tallyfy.adminEmail, sources.port]).toEqual([3000, null, "default"]);
});

test("an id that YAML takes for a number keeps its spelling", () => {
  const configFile = folder.write(
    "ids.yaml",
    "tallyfy:\n  client_id: 1001\n  org_id: 01234567890123456789012345678901\n",
  );
  const { config } = folder.load({ configFile });
  expect(config.credentials().clientId).toBe("1001");
  expect(config.tallyfy.orgId).toBe("01234567890123456789012345678901");
});

test("lists and maps come from YAML as they are, and from the environment as JSON", () => {
  const yaml = [
    "roster:",
    "  columns: { employee_id: Staff No. }",
    "  delimiter: tab",
    "  role: { values: { Boss: admin }, allow_admin: true, rules: [{ column: Dept, in: [Sales], role: light }] }",
    "  exclude: [{ column: Type, in: [Contractor] }]",
  ].join("\n");
  const fromFile = folder.load({ configFile: folder.write("lists.yaml", yaml) }).config.roster;
  const fromEnvironment = folder.load({
    env: {
      ROSTER_COLUMNS: '{"employee_id":"Staff No."}',
      ROSTER_DELIMITER: "\\t",
      ROSTER_ROLE_VALUES: '{"Boss":"admin"}',
      ROSTER_ROLE_ALLOW_ADMIN: "yes",
      ROSTER_ROLE_RULES: '[{"column":"Dept","in":["Sales"],"role":"light"}]',
      ROSTER_EXCLUDE: '[{"column":"Type","in":["Contractor"]}]',
    },
  }).config.roster;
  expect(fromFile).toEqual(fromEnvironment);
  expect(fromFile).toMatchObject({ columns: { employeeId: "Staff No." }, delimiter: "\t", role: { allowAdmin: true } });
});

test("a secret file is trimmed of one line break and looked at again each time", () => {
  const file = folder.write("secret", "first\n");
  const { config } = folder.load({ env: { TALLYFY_CLIENT_SECRET_FILE: "secret" } });
  expect(config.credentials().clientSecret).toBe("first");
  folder.write("secret", "second\r\n");
  expect(config.credentials().clientSecret).toBe("second");
  renameSync(file, `${file}.away`);
  expect(config.credentials().clientSecret).toBe("second");
  chmodSync(folder.write("secret", "third\n"), 0o644);
  expect(config.credentials().clientSecret).toBe("second");
});

test("the sandbox's file works as it lies in the repository, readable by everybody, and says what the sandbox prints", async () => {
  const configFile = new URL("../../config/sandbox.yaml", import.meta.url).pathname;
  const sandbox = await startSandbox();
  const printed = describeSandbox(sandbox).replaceAll(sandbox.url, "http://127.0.0.1:4010");
  await sandbox.close();
  const exports = [...printed.matchAll(/^ {2}export (\w+)=(\S+)$/gm)].map(([, name, value]) => [name, value]);
  const { DATA_DIR: _, ...env } = Object.fromEntries(exports);

  const fromFile = folder.load({ configFile, needs: ["tallyfy"] }).config;
  const fromLines = folder.load({ env, needs: ["tallyfy"] }).config;

  expect(fromFile.credentials()).toEqual({ clientId: "1001", clientSecret: "sandbox+secret/with=signs" });
  expect(fromLines.credentials()).toEqual(fromFile.credentials());
  expect(JSON.parse(JSON.stringify(fromLines))).toEqual(JSON.parse(JSON.stringify(fromFile)));
});
