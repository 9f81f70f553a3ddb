// Where Redis is: one server, Sentinels or a cluster, never two of them, and TLS with what belongs to it.

import { join } from "node:path";
import { expect, test } from "vitest";
import { useFolder } from "./loading.ts";

const folder = useFolder();

test("Sentinels and cluster nodes are read as lists, passwords from files, paths from the working directory", () => {
  folder.write("ca.pem", "x");
  folder.write("password", "hush\n");
  const env = {
    REDIS_SENTINELS: "redis-1:26379, 10.0.0.2:26380,[::1]:26381",
    REDIS_SENTINEL_NAME: "people",
    REDIS_PASSWORD_FILE: "password",
    REDIS_TLS: "true",
    REDIS_CA_FILE: "ca.pem",
  };
  expect(folder.load({ env }).config.redis).toMatchObject({
    url: null,
    sentinels: [
      { host: "redis-1", port: 26379 },
      { host: "10.0.0.2", port: 26380 },
      { host: "::1", port: 26381 },
    ],
    sentinelName: "people",
    password: "hush",
    isTls: true,
    caFile: join(folder.path(), "ca.pem"),
    cluster: [],
  });
});

test.each([
  [{ REDIS_CLUSTER: "redis-1" }, "REDIS_CLUSTER", /Give addresses such as redis-1:26379/],
  [{ REDIS_SENTINELS: "a:1,b:99999" }, "REDIS_SENTINELS", /Give addresses/],
  [{ REDIS_URL: "redis://a", REDIS_CLUSTER: "a:1" }, "REDIS_CLUSTER", /Give one of REDIS_URL/],
  [{ REDIS_SENTINELS: "a:1", REDIS_CLUSTER: "a:1" }, "REDIS_SENTINELS", /Give one of REDIS_URL/],
  [{ REDIS_URL: "rediss://a", REDIS_CERT_FILE: "." }, "REDIS_KEY_FILE", /Give both/],
  [{ REDIS_URL: "redis://a", REDIS_CA_FILE: "." }, "REDIS_CA_FILE", /Use rediss:/],
  [{ REDIS_URL: "redis://a", REDIS_TLS: "true" }, "REDIS_TLS", /begin with rediss:/],
  [{ REDIS_URL: "rediss://a", REDIS_CA_FILE: "absent.pem" }, "REDIS_CA_FILE", /may read/],
])("%o is refused with what to do", (env, name, fix) => {
  const problems = folder.problems({ env });
  expect(problems).toHaveLength(1);
  expect(problems[0]?.name).toContain(name);
  expect(problems[0]?.fix).toMatch(fix);
});
