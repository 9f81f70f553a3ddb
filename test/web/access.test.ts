import { expect, test } from "vitest";
import { createGuessLimit, crossSiteReason, hostName, isAllowed, isLoopback } from "../../src/web/access.ts";

test("only names of this machine itself count as loopback", () => {
  for (const host of ["localhost", "LOCALHOST", "app.localhost", "127.0.0.1", "127.1.2.3", "::1", "[::1]"]) {
    expect(isLoopback(host), host).toBe(true);
  }
  for (const host of [
    "0.0.0.0",
    "::",
    "10.0.0.1",
    "roster.example.com",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "127.evil",
    "",
  ]) {
    expect(isLoopback(host), host).toBe(false);
  }
});

test("the host name is read with and without a port, and nonsense is no name", () => {
  expect(hostName("localhost:3000")).toBe("localhost");
  expect(hostName("example.com")).toBe("example.com");
  expect(hostName("[::1]:3000")).toBe("[::1]");
  for (const header of [undefined, "", "a b", "localhost:3000:4", "user@localhost", "localhost/", "::1"]) {
    expect(hostName(header), String(header)).toBeNull();
  }
});

function basic(text: string): string {
  return `Basic ${Buffer.from(text).toString("base64")}`;
}

test("exactly the right user and password are let in, also with colons and accents", () => {
  const expected = { user: "admin", password: "pä:ss" };
  expect(isAllowed(basic("admin:pä:ss"), expected)).toBe(true);
  for (const text of ["admin:pä:s", "admin:pä:sss", "admin:", ":pä:ss", "Admin:pä:ss", "admin", ""]) {
    expect(isAllowed(basic(text), expected), text).toBe(false);
  }
  for (const header of [undefined, "", "Basic", "Bearer admin:pä:ss", `${basic("admin:pä:ss")} x`]) {
    expect(isAllowed(header, expected), String(header)).toBe(false);
  }
});

test("a change is taken from our own pages only", () => {
  const host = "localhost:3000";
  const own = [
    { "sec-fetch-site": "same-origin" },
    { "sec-fetch-site": "same-origin", origin: "https://dashboard.example" },
    { origin: "http://localhost:3000", host },
    { origin: "https://roster.example", host: "roster.example" },
  ];
  for (const headers of own) expect(crossSiteReason("PUT", headers), JSON.stringify(headers)).toBeNull();
  const others = [
    { host },
    { "sec-fetch-site": "cross-site", origin: "http://localhost:3000", host },
    { "sec-fetch-site": "same-site", host },
    { "sec-fetch-site": "none", host },
    { origin: "http://localhost:3001", host },
    { origin: "https://evil.example", host },
    { origin: "null", host },
    { origin: "null" },
  ];
  for (const headers of others) {
    for (const method of ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
      expect(crossSiteReason(method, headers), JSON.stringify(headers)).not.toBeNull();
    }
  }
  expect(crossSiteReason("GET", { "sec-fetch-site": "cross-site" })).toBeNull();
});

test("who guesses too often is not listened to for a minute; others are", () => {
  const limit = createGuessLimit();
  for (let guess = 0; guess < 20; guess++) {
    expect(limit.waitMs("10.0.0.1", 1000)).toBe(0);
    limit.noteWrong("10.0.0.1", 1000);
  }
  expect(limit.waitMs("10.0.0.1", 31_000)).toBe(30_000);
  expect(limit.waitMs("10.0.0.2", 31_000)).toBe(0);
  expect(limit.waitMs("10.0.0.1", 61_000)).toBe(0);
});

test("the memory of guesses is bounded", () => {
  const limit = createGuessLimit();
  for (let guess = 0; guess < 20; guess++) limit.noteWrong("first", 0);
  for (let address = 0; address < 1000; address++) limit.noteWrong(`address-${address}`, 0);
  expect(limit.waitMs("first", 1)).toBe(0);
});
