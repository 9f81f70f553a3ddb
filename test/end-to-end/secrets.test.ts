// Secrets given to the built program come out nowhere: not on its streams, its pages, its metrics, its files or in Redis, whether all is
// well, something is wrong, or it breaks.

import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Redis } from "ioredis";
import { expect, test } from "vitest";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { keysFor } from "../../src/store/keys.ts";
import { closedAfterEach } from "../support/closing.ts";
import { type Finished, makeWorld, rosterCsv, runProgram, startProgram, type World } from "../support/program.ts";
import { startRedis, type TestRedis } from "../support/redis.ts";
import { dump } from "../support/store.ts";

const opened = closedAfterEach();

const CLIENT_SECRET = "zanzibar+client/secret=1";
const REDIS_PASSWORD = "zanzibar-redis-2";
const DASHBOARD_PASSWORD = "zanzibar dashboard 3";
const TOKEN_KEY = Buffer.from("zanzibar token encryption key 4!").toString("base64");
const PROXY_PASSWORD = "zanzibar-proxy-5";

interface Scene {
  readonly world: World;
  readonly sandbox: Sandbox;
  readonly redis: TestRedis;
  /** Let in before the password was set. */
  readonly client: Redis;
  /** Every token that was ever given out. */
  readonly tokens: readonly string[];
  /** Fails when any of the texts has a secret or a token in it, in whatever writing. */
  expectNone(...texts: readonly string[]): void;
}

async function openScene(extra: Record<string, string> = {}): Promise<Scene> {
  const redis = await startRedis();
  opened.push(() => redis.stop());
  const client = redis.connect();
  await client.config("SET", "requirepass", REDIS_PASSWORD);
  const sandbox = await startSandbox({ clientSecret: CLIENT_SECRET });
  opened.push(() => sandbox.close());
  const tokens: string[] = [];
  const { issue } = sandbox.state.tokens;
  Object.assign(sandbox.state.tokens, {
    issue(...given: Parameters<typeof issue>) {
      const token = issue(...given);
      tokens.push(token);
      return token;
    },
  });
  const world = await makeWorld(sandbox, {
    REDIS_URL: `redis://:${REDIS_PASSWORD}@127.0.0.1:${redis.port}`,
    DASHBOARD_PASSWORD,
    TOKEN_ENCRYPTION_KEY: TOKEN_KEY,
    LOG_LEVEL: "trace",
    ...extra,
  });
  opened.push(() => world.remove());
  const secrets = [CLIENT_SECRET, REDIS_PASSWORD, DASHBOARD_PASSWORD, TOKEN_KEY, PROXY_PASSWORD];
  return {
    world,
    sandbox,
    redis,
    client,
    tokens,
    expectNone(...texts) {
      for (const secret of [...secrets, ...tokens]) {
        const writings = [
          secret,
          encodeURIComponent(secret),
          JSON.stringify(secret).slice(1, -1),
          Buffer.from(secret).toString("base64").replace(/=+$/, ""),
        ];
        for (const text of texts)
          for (const writing of writings)
            expect(text.includes(writing), `${writing.slice(0, 12)}… in ${text.slice(0, 200)}`).toBe(false);
      }
      for (const text of texts) expect(text).not.toMatch(/zanzibar/i);
    },
  };
}

function said({ stdout, stderr }: Finished): string {
  return `${stdout}\n${stderr}`;
}

test("a whole day of commands and a daemon: no secret and no token comes out, in Redis tokens lie encrypted only", {
  timeout: 180_000,
}, async () => {
  const { world, client, sandbox, tokens, expectNone } = await openScene();
  const roster = join(world.dataDir, "monday.csv");
  await writeFile(roster, rosterCsv(5));
  const commands = [
    ["config"],
    ["config", "--schema"],
    ["doctor"],
    ["check", roster],
    ["plan", roster, "--live"],
    ["plan", roster, "--json"],
    ["sync", roster],
    ["runs", "--json"],
    ["users", "--json"],
    ["token", sandbox.adminEmail],
    ["tasks", sandbox.adminEmail],
    ["rebuild", "--add", "--json"],
  ];
  for (const words of commands) {
    const finished = await runProgram(words, world.env);
    expect([0, 4], `${words.join(" ")}: ${said(finished)}`).toContain(finished.exitCode);
    expectNone(said(finished));
  }
  const revealed = await runProgram(["token", sandbox.adminEmail, "--reveal"], world.env);
  expect(() => expectNone(said(revealed)), "what is asked for aloud is found").toThrow();

  const daemon = startProgram(["start"], world.env);
  opened.push(() => {
    daemon.child.kill("SIGTERM");
    return daemon.ended;
  });
  const [, web] = await daemon.says(/"web":"(http[^"]+)"/);
  const authorization = `Basic ${Buffer.from(`admin:${DASHBOARD_PASSWORD}`).toString("base64")}`;
  for (const path of [
    "/",
    "/metrics",
    "/healthz",
    "/readyz",
    "/queues",
    "/queues/api/queues?activeQueue=provision&status=completed&page=1",
    "/queues/api/redis/stats",
    "/queues/api/queues/provision/workers",
    "/nowhere",
  ]) {
    for (const headers of [{ authorization }, {}]) {
      const answer = await fetch(new URL(path, web), { headers });
      expectNone(await answer.text(), JSON.stringify([...answer.headers]));
    }
  }
  daemon.child.kill("SIGTERM");
  expectNone(said(await daemon.ended));

  expect(tokens.length).toBeGreaterThan(2);
  const { names, values } = await dump(client);
  expect(names.some((name) => name.includes(":vault:"))).toBe(true);
  expectNone(values, names.join("\n"));
  for (const name of await readdir(world.dataDir, { recursive: true })) {
    const path = join(world.dataDir, name);
    if ((await stat(path)).isFile()) expectNone(await readFile(path, "latin1"), name);
  }
});

test.each<[string, Record<string, string>, string[]]>([
  ["Redis refuses the password", { REDIS_URL: "redis://somebody:zanzibar-wrong@127.0.0.1:PORT" }, ["runs"]],
  ["the Redis address is none", { REDIS_URL: `redis//:${REDIS_PASSWORD}@nowhere` }, ["doctor"]],
  ["the client secret is wrong", { TALLYFY_CLIENT_SECRET: "zanzibar wrong" }, ["doctor"]],
  [
    "the token host is not there",
    { TALLYFY_TOKEN_URL: "http://user:zanzibar-in-url@127.0.0.1:1/oauth/token" },
    ["doctor"],
  ],
  ["the token key is too short", { TOKEN_ENCRYPTION_KEY: "zanzibar" }, ["doctor"]],
  ["a secret has a line break in it", { TALLYFY_CLIENT_SECRET: "zanzibar\nbroken" }, ["doctor"]],
  [
    "the proxy cannot be understood",
    { HTTPS_PROXY: `http://me:${PROXY_PASSWORD}@[nonsense`, HTTP_PROXY: `http://me:${PROXY_PASSWORD}@[nonsense` },
    ["users"],
  ],
])("nothing comes out when %s", { timeout: 60_000 }, async (_what, extra, words) => {
  const { world, redis, expectNone } = await openScene();
  const env = { ...world.env, ...extra };
  if (env.REDIS_URL !== undefined) env.REDIS_URL = env.REDIS_URL.replace("PORT", String(redis.port));
  const finished = await runProgram(words, env);
  expect(finished.exitCode).not.toBe(0);
  expectNone(said(finished));
});

test("a bug says where it is and not what it was at work on", { timeout: 60_000 }, async () => {
  const { world, client, sandbox, expectNone } = await openScene();
  await client.set(keysFor(sandbox.orgId).ledger, "zanzibar is no hash");
  const finished = await runProgram(["users"], world.env);
  expect(finished.exitCode).toBe(1);
  expect(finished.stderr).toContain("This is a bug in roster-sync");
  expectNone(said(finished));
});

test("secrets in a YAML file stay there, whatever is wrong with it", { timeout: 60_000 }, async () => {
  const { world, expectNone } = await openScene();
  const { TALLYFY_CLIENT_SECRET: _, DASHBOARD_PASSWORD: __, ...env } = world.env as Record<string, string>;
  const file = join(world.dataDir, "config.yaml");
  for (const text of [
    `tallyfy: { client_secret: "${CLIENT_SECRET}", api_url: nonsense }\ndashboard: { password: "${DASHBOARD_PASSWORD}" }\n`,
    `tallyfy:\n  client_secret: "${CLIENT_SECRET}\n  broken: [\n`,
    `dashboard: { pasword: "${DASHBOARD_PASSWORD}" }\ntallyfy: { client_secret: [${CLIENT_SECRET}] }\n`,
    `${CLIENT_SECRET}\n`,
  ]) {
    await writeFile(file, text, { mode: 0o600 });
    expectNone(said(await runProgram(["config", "--config", file], env)));
  }
});
