// Every kind of Redis that a company may have: over TLS with an ACL user, behind Sentinels, as a cluster. A run goes through, and goes on
// by itself when a master dies in the middle of it.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { keysFor } from "../../src/store/keys.ts";
import { ACL_RULE } from "../../src/store/redis-trouble.ts";
import { closedAfterEach } from "../support/closing.ts";
import {
  type Environment,
  makeWorld,
  type RunningProgram,
  rosterCsv,
  runProgram,
  startReady,
  until,
  type World,
} from "../support/program.ts";
import { startCluster, startSentinels, startTlsRedis, tlsFile } from "../support/redis-kinds.ts";

const PASSWORD = "open-sesame-7";
const opened = closedAfterEach();

async function open(redis: Environment): Promise<{ sandbox: Sandbox; world: World }> {
  const sandbox = await startSandbox();
  opened.push(() => sandbox.close());
  const world = await makeWorld(sandbox, { RATE_PER_SECOND: "25", RETRY_BASE_MS: "200", ...redis });
  opened.push(() => world.remove());
  return { sandbox, world };
}

function start(world: World): Promise<RunningProgram> {
  return startReady([], world.env, opened);
}

async function webOf(daemon: RunningProgram): Promise<string> {
  const [, web] = await daemon.says(/"web":"(http[^"]+)"/);
  return web ?? "";
}

async function readiness(web: string): Promise<number> {
  return (await fetch(new URL("/readyz", web))).status;
}

/** Drops a roster, does something once the first have been created, and waits for everybody. */
async function runThrough(
  { sandbox, world, daemon }: { sandbox: Sandbox; world: World; daemon: RunningProgram },
  people: number,
  inTheMiddle: () => Promise<void>,
): Promise<void> {
  await writeFile(join(world.dataDir, "inbox", "all.csv"), rosterCsv(people));
  await until(
    () => sandbox.counts.created >= people / 4,
    30_000,
    () => `${sandbox.counts.created} created\n${daemon.stdout().slice(-2000)}`,
  );
  await inTheMiddle();
  await daemon.says(/"state":"closed".*"msg":"run ended"/, 60_000);
  expect(sandbox.counts.created).toBe(people);
  expect(sandbox.counts.createdTwice).toBe(0);
}

test("over TLS, as an ACL user with the rights that the README names, everything works", {
  timeout: 60_000,
}, async () => {
  const redis = await startTlsRedis(true);
  opened.push(() => redis.stop());
  const { sandbox, world } = await open({
    REDIS_URL: `rediss://localhost:${redis.port}`,
    REDIS_USER: "roster-sync",
    REDIS_PASSWORD: PASSWORD,
    REDIS_CA_FILE: tlsFile("ca.pem"),
    REDIS_CERT_FILE: tlsFile("client.pem"),
    REDIS_KEY_FILE: tlsFile("client-key.pem"),
    TOKEN_ENCRYPTION_KEY: "a passphrase that is long enough",
  });
  const rule = ACL_RULE.replace("roster-sync:*", `roster-sync:${sandbox.orgId}`).split(" ");
  await redis.connect().call("ACL", "SETUSER", "roster-sync", "on", `>${PASSWORD}`, "resetchannels", ...rule);
  const daemon = await start(world);
  await runThrough({ sandbox, world, daemon }, 20, async () => undefined);
  const web = await webOf(daemon);
  expect(await readiness(web)).toBe(200);
  for (const path of ["/", "/metrics", "/queues/api/queues", "/queues/api/redis/stats"]) {
    expect([path, (await fetch(new URL(path, web))).status]).toEqual([path, 200]);
  }
  expect(daemon.stdout()).not.toMatch(/NOPERM|trouble with Redis/);
  const doctor = await runProgram(["doctor"], world.env);
  expect(doctor.stdout).toMatch(/Redis +redis [\d.]+, rediss:\/\/localhost:\d+/);

  await redis.connect().call("ACL", "SETUSER", "roster-sync", "-zadd", "-hset");
  const forbidden = await runProgram(["doctor"], world.env);
  expect(forbidden.exitCode).toBe(7);
  expect(forbidden.stdout).toMatch(/forbids HSET, ZADD \(NOPERM\)/);
  const wrong = await runProgram(["doctor"], { ...world.env, REDIS_PASSWORD: "wrong-word" });
  expect(wrong.stdout).toMatch(/refuses the user name or the password \(WRONGPASS\)/);
  for (const { stdout, stderr } of [doctor, forbidden, wrong]) {
    expect(stdout + stderr).not.toMatch(new RegExp(`${PASSWORD}|wrong-word`));
  }
});

test("behind Sentinels a run goes on by itself when the master dies, and the page turns red and green again", {
  timeout: 120_000,
}, async () => {
  const redis = await startSentinels("people", PASSWORD, "sentinels-own-7");
  opened.push(() => redis.stop());
  const { sandbox, world } = await open({
    REDIS_SENTINELS: redis.addresses,
    REDIS_SENTINEL_NAME: "people",
    REDIS_SENTINEL_PASSWORD: "sentinels-own-7",
    REDIS_PASSWORD: PASSWORD,
  });
  const daemon = await start(world);
  const web = await webOf(daemon);
  await runThrough({ sandbox, world, daemon }, 200, async () => {
    await redis.master.kill();
    await until(
      async () => (await readiness(web)) === 503,
      20_000,
      () => "red",
    );
    await until(
      async () => (await readiness(web)) === 200,
      30_000,
      () => daemon.stdout().slice(-2000),
    );
  });
  const doctor = await runProgram(["doctor"], world.env);
  expect(doctor.stdout).toMatch(/the master "people" of the Sentinels 127\.0\.0\.1:\d+/);

  const unknown = await runProgram(["doctor"], { ...world.env, REDIS_SENTINEL_NAME: "persons" });
  expect(unknown.stdout).toMatch(/the Sentinels know no master of that name.*REDIS_SENTINEL_NAME/s);
  const wrong = await runProgram(["doctor"], { ...world.env, REDIS_SENTINEL_PASSWORD: "wrong-word" });
  expect(wrong.stdout).toMatch(/a Sentinel does not let us in \(WRONGPASS\).*REDIS_SENTINEL_PASSWORD/);
  expect(wrong.stdout + unknown.stdout).not.toMatch(new RegExp(`${PASSWORD}|wrong-word|sentinels-own`));
});

test("on a cluster a run goes on by itself when the master of our slot dies", { timeout: 120_000 }, async () => {
  const redis = await startCluster();
  opened.push(() => redis.stop());
  const { sandbox, world } = await open({
    REDIS_CLUSTER: redis.addresses,
    TOKEN_ENCRYPTION_KEY: "a passphrase that is long enough",
  });
  const ours = await redis.masterOf(keysFor(sandbox.orgId).meta);
  const daemon = await start(world);
  await daemon.says(/"masters":3/);
  const web = await webOf(daemon);
  await runThrough({ sandbox, world, daemon }, 200, async () => {
    await ours.kill();
    await until(
      async () => (await readiness(web)) === 503,
      20_000,
      () => "red",
    );
    await until(
      async () => (await readiness(web)) === 200,
      30_000,
      () => daemon.stdout().slice(-2000),
    );
  });
  for (const path of ["/", "/metrics", "/queues/api/queues", "/queues/api/redis/stats"]) {
    expect([path, (await fetch(new URL(path, web))).status]).toEqual([path, 200]);
  }
  const doctor = await runProgram(["doctor"], world.env);
  expect(doctor.stdout).toMatch(/the cluster at 127\.0\.0\.1:\d+.*\(3 masters\)/);
  expect(doctor.exitCode).toBe(0);
});
