import { expect, test } from "vitest";
import { ConfigProblems } from "../../src/config/load.ts";
import { TALLYFY, useFolder } from "./loading.ts";

const folder = useFolder();

test("everything that is wrong is told at once, with the name, what is wrong and what would be right", () => {
  const configFile = folder.write("bad.yaml", "prot: 80\nrate:\n  per_second: fast\nredis:\n  ulr: x\n");
  const problems = folder.problems({
    configFile,
    env: {
      PORT: "99999",
      TALLYFY_ORG_ID: "acme",
      SCHEDULE_CRON: "every night",
      SCHEDULE_TIMEZONE: "Berlin",
      HOST: "0.0.0.0",
    },
    needs: ["tallyfy"],
  });
  expect(problems.map(({ name, message, fix }) => `${name}: ${message} ${fix}`).join("\n")).toMatchInlineSnapshot(`
    "prot (bad.yaml line 1): There is no such option. Did you mean port?
    redis.ulr (bad.yaml line 5): There is no such option. Did you mean redis.url?
    TALLYFY_ORG_ID: "acme" is not accepted here. Give the organisation's id: 32 hexadecimal digits.
    PORT: 99999 is not accepted here. Give a whole number from 0 to 65535.
    SCHEDULE_TIMEZONE: "Berlin" is not accepted here. Give an IANA time zone such as Europe/Berlin.
    rate.per_second (bad.yaml line 3): "fast" is not accepted here. Give a number from 0.01 to 10000.
    SCHEDULE_CRON: "every night" is no schedule. Give five cron fields (minute hour day month weekday), such as 0 2 * * *.
    HOST: 0.0.0.0 lets other machines in, and there is no password. Set DASHBOARD_PASSWORD (or DASHBOARD_PASSWORD_FILE), or HOST to 127.0.0.1.
    TALLYFY_CLIENT_ID (tallyfy.client_id): It is not set, and this command needs it. Give the client id that Tallyfy gave you.
    TALLYFY_CLIENT_SECRET (tallyfy.client_secret, or TALLYFY_CLIENT_SECRET_FILE): It is not set, and this command needs it. Give the client secret that Tallyfy gave you."
  `);
});

test("commands that need no Tallyfy do without it, the others name each missing value", () => {
  expect(folder.problems()).toEqual([]);
  expect(folder.problems({ needs: ["tallyfy"] }).map(({ name }) => name)).toEqual([
    "TALLYFY_ORG_ID (tallyfy.org_id)",
    "TALLYFY_CLIENT_ID (tallyfy.client_id)",
    "TALLYFY_CLIENT_SECRET (tallyfy.client_secret, or TALLYFY_CLIENT_SECRET_FILE)",
  ]);
});

test("a secret never gets into a message, whatever is wrong with it", () => {
  const secret = "  s3cr3t-Value  ";
  const error = catchProblems({
    TALLYFY_CLIENT_SECRET: secret,
    TOKEN_ENCRYPTION_KEY: "s3cr3t-Value",
    REDIS_URL: "http://user:s3cr3t-Value@host",
    TALLYFY_ADMIN_EMAIL: "s3cr3t-Value",
    DASHBOARD_PASWORD: secret,
    TALLYFY_API_URL: "https://user:s3cr3t-Value@go.example/api",
  });
  expect(error.problems).toHaveLength(6);
  expect(`${error.message}${error.stack}${JSON.stringify(error)}`).not.toContain("s3cr3t-Value");
});

test.each([
  ["TALLYFY_ORGID", "TALLYFY_ORG_ID"],
  ["SCHEDULE_TIME_ZONE", "SCHEDULE_TIMEZONE"],
  ["HOURLY_BUGDET", "HOURLY_BUDGET"],
  ["REDIS_URL_FIEL", "REDIS_URL_FILE"],
])("the slip %s is told, with %s", (wrong, right) => {
  expect(folder.problems({ env: { [wrong]: "x" } })).toEqual([
    { name: wrong, message: "There is no such variable.", fix: `Did you mean ${right}?` },
  ]);
});

test.each([
  "REDIS_PORT",
  "REDIS_HOST",
  "DATA_CENTER",
  "LOG_FORMAT",
  "HOSTNAME",
  "TALLYFY_WEBHOOK_TOKEN",
  "ROSTER_SYNC_NO_INSTALL",
])("%s, which is somebody else's, is left alone", (name) => {
  expect(folder.problems({ env: { [name]: "x" } })).toEqual([]);
});

test.each([
  ["DASHBORD_PASSWORD", "Did you mean DASHBOARD_PASSWORD?"],
  ["DASHBOARD_PASS", "Did you mean DASHBOARD_PASSWORD?"],
  ["TALLYFY_ADMIN", "Did you mean TALLYFY_ADMIN_EMAIL?"],
  ["TALLYFY_ADMIN_EMIAL", "Did you mean TALLYFY_ADMIN_EMAIL?"],
  ["LIMITS_CREATE", "Did you mean LIMITS_CREATE_COUNT or LIMITS_CREATE_PERCENT?"],
  ["LIMITS_DELETE", "`roster-sync config` shows every variable."],
  ["DATADIR", "Did you mean DATA_DIR?"],
  ["DATA_DIRR", "Did you mean DATA_DIR?"],
])("%s, which means nothing here, is remarked on where nothing else is wrong", (name, fix) => {
  const { remarks } = folder.load({
    env: { [name]: "x", DATA_DIR: "/srv/data", TALLYFY_ADMIN_EMAIL: "ana@corp.example" },
  });
  expect(remarks).toEqual([{ name, message: "There is no such variable, and it is ignored.", fix }]);
});

test.each([
  "REDIS_PORT",
  "REDIS_PORT_6379_TCP_ADDR",
  "ROSTER_SYNC_SERVICE_HOST",
  "ROSTER_SYNC_PORT",
  "HOSTNAME",
  "PORTS",
  "LOG_FORMAT",
  "TALLYFY_WEBHOOK_TOKEN",
  "ROSTER_SYNC_NO_INSTALL",
])("%s is not even remarked on", (name) => {
  expect(folder.load({ env: { [name]: "x" } }).remarks).toEqual([]);
});

test("a plain option has no _FILE", () => {
  const [problem] = folder.problems({ env: { TALLYFY_ORG_ID_FILE: "/x" } });
  expect(problem?.fix).toBe("Set TALLYFY_ORG_ID itself.");
});

test("a secret given twice, in a missing file, in an empty one or in one that everybody may read is refused", () => {
  folder.write("open", "s3cr3t", 0o644);
  folder.write("group", "s3cr3t", 0o640);
  folder.write("empty", "\n");
  function told(env: Record<string, string>): string | undefined {
    return folder.problems({ env })[0]?.message;
  }
  expect(told({ REDIS_URL: "redis://x", REDIS_URL_FILE: "group" })).toBe("Both REDIS_URL and REDIS_URL_FILE are set.");
  expect(told({ DASHBOARD_PASSWORD_FILE: "absent" })).toMatch(/absent does not exist\.$/);
  expect(told({ DASHBOARD_PASSWORD_FILE: "empty" })).toMatch(/empty is empty\.$/);
  expect(told({ DASHBOARD_PASSWORD_FILE: "open" })).toMatch(/may be read by every account/);
  expect(told({ DASHBOARD_PASSWORD_FILE: "group" })).toBeUndefined();
});

test("secrets in a YAML file that everybody may read are refused, unless Tallyfy is a sandbox on this machine", () => {
  const real = "tallyfy:\n  client_secret: s3cr3t\n";
  const open = folder.write("open.yaml", real, 0o644);
  expect(folder.problems({ configFile: open })).toEqual([
    {
      name: "open.yaml",
      message: "It holds tallyfy.client_secret, and every account of this machine may read it.",
      fix: `Type: chmod o-rwx ${open}`,
    },
  ]);
  expect(folder.problems({ configFile: folder.write("closed.yaml", real, 0o640) })).toEqual([]);
  const sandbox = { TALLYFY_TOKEN_URL: "http://127.0.0.1:1/oauth/token", TALLYFY_API_URL: "http://localhost:1/api" };
  expect(folder.problems({ configFile: open, env: sandbox })).toEqual([]);
});

test("another host than this machine needs a password, unless nothing is served", () => {
  const env = { HOST: "192.168.7.1" };
  expect(folder.problems({ env })).toHaveLength(1);
  expect(folder.problems({ env, servesWeb: false })).toEqual([]);
  expect(folder.problems({ env: { ...env, DASHBOARD_PASSWORD: "correct horse" } })).toEqual([]);
  for (const host of ["localhost", "127.0.0.2", "::1"]) expect(folder.problems({ env: { HOST: host } })).toEqual([]);
});

test.each([
  "http://go.tallyfy.com/api",
  "https://user:pw@go.tallyfy.com/api",
  "go.tallyfy.com",
  "https://go.tallyfy.com/api?x=1",
])("%s is no address for Tallyfy", (url) => {
  expect(folder.problems({ env: { TALLYFY_API_URL: url } })).toHaveLength(1);
});

test("mistakes in YAML itself are told with line and column", () => {
  const broken = folder.write("broken.yaml", "port: 1\nrate: [1\nhost: x\n");
  const [problem] = folder.problems({ configFile: broken });
  expect(problem?.name).toMatch(/^broken\.yaml line \d+ column \d+$/);
  const twice = folder.write("twice.yaml", "port: 1\nport: 2\n");
  expect(folder.problems({ configFile: twice })).toEqual([
    { name: "twice.yaml line 2 column 1", message: "The same key is there twice.", fix: "Correct this line." },
  ]);
  expect(folder.problems({ configFile: "absent.yaml" })[0]?.message).toBe("There is no such file.");
  expect(folder.problems({ configFile: folder.write("list.yaml", "- a\n") })[0]?.message).toBe(
    "Options are expected here.",
  );
  expect(folder.problems({ configFile: folder.write("empty.yaml", "# nothing\nrate:\n") })).toEqual([]);
});

test("inside a list the place of the mistake is told", () => {
  const yaml = "roster:\n  role:\n    rules:\n      - { column: Dept, in: [Sales], role: boss }\n";
  const [problem] = folder.problems({ configFile: folder.write("rules.yaml", yaml) });
  expect(problem?.name).toBe("roster.role.rules (rules.yaml line 3)");
  expect(problem?.message).toContain("entry 1, role is missing or not accepted");
});

test("a certificate file that is not there and a cap below the base are told", () => {
  const env = { ...TALLYFY, TALLYFY_CA_FILE: "absent.pem", RETRY_BASE_MS: "5000", RETRY_CAP_MS: "100" };
  expect(folder.problems({ env }).map(({ name }) => name)).toEqual(["RETRY_CAP_MS", "TALLYFY_CA_FILE"]);
});

test("a ceiling below the start of the pace is told; without a ceiling it is ten a second, or the start", () => {
  const env = { ...TALLYFY, RATE_PER_SECOND: "5", RATE_MAX_PER_SECOND: "2" };
  expect(folder.problems({ env }).map(({ name }) => name)).toEqual(["RATE_MAX_PER_SECOND"]);
  const ceiling = (rate: Record<string, string>) =>
    folder.load({ env: { ...TALLYFY, ...rate } }).config.rate.maxPerSecond;
  expect(ceiling({})).toBe(10);
  expect(ceiling({ RATE_PER_SECOND: "40" })).toBe(40);
  expect(ceiling({ RATE_PER_SECOND: "5", RATE_MAX_PER_SECOND: "6" })).toBe(6);
});

function catchProblems(env: Record<string, string>): ConfigProblems {
  try {
    folder.load({ env });
  } catch (error) {
    if (error instanceof ConfigProblems) return error;
  }
  throw new Error("Nothing was wrong.");
}

test("a wrong key or entry inside a list or a map is named in plain words", () => {
  const { problems } = catchProblems({
    ROSTER_COLUMNS: '{"emial":"Work Email"}',
    ROSTER_ROLE_RULES: '[{"in":["Sales"],"role":"light"}]',
  });
  const text = problems.map(({ name, message, fix }) => `${name}: ${message} ${fix}`).join("\n");
  expect(text).toContain('there is no "emial"');
  expect(text).toContain("entry 1, column is missing or not accepted");
  expect(text).not.toMatch(/Unrecognized|Invalid input/);
});
