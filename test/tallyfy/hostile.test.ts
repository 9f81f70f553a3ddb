// Answers that mean harm, or come from something that is not Tallyfy at all: raw bytes on a real socket. Whatever comes, a call
// ends in time with a failure that says nothing of what was sent, no memory is filled, and no token goes elsewhere.

import { once } from "node:events";
import type { Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Account } from "../../src/domain/ledger.ts";
import { TallyfyError, type TallyfyErrorKind } from "../../src/domain/tallyfy-error.ts";
import { createTallyfyClient, type TallyfyClient } from "../../src/tallyfy/client.ts";
import { collectGarbage } from "../support/garbage.ts";
import { type Reply, type ScriptedServer, startServer } from "./scripted-server.ts";
import {
  ADA,
  CREATE_PATH,
  created,
  expectPrivate,
  failureOf,
  giveTokens,
  LIST_PATH,
  MINT_PATH,
  optionsFor,
  TOKEN_PATH,
  tokenReply,
} from "./subject.ts";

const CALL_MS = 1_000;
/** What a loaded machine may add. */
const GRACE_MS = 4_000;

let server: ScriptedServer;
let client: TallyfyClient;

beforeEach(async () => {
  server = await startServer();
  giveTokens(server);
  client = createTallyfyClient(optionsFor(server, { callTimeoutMs: CALL_MS, headersTimeoutMs: CALL_MS }));
});

afterEach(async () => {
  await client.close();
  await server.close();
});

function raw(write: (socket: Socket) => void): Reply {
  return { status: 200, raw: write };
}

function bytes(text: string | Buffer): Reply {
  return raw((socket) => socket.end(text));
}

/** Writes the same again and again until the other side has had enough. Returns how much was taken. */
function pour(start: string, piece: string | Buffer): { reply: Reply; poured: () => number } {
  let poured = 0;
  const reply = raw((socket) => {
    socket.write(start);
    const more = () => {
      while (!socket.destroyed && socket.write(piece)) poured += piece.length;
      poured += piece.length;
    };
    socket.on("drain", more);
    more();
  });
  return { reply, poured: () => poured };
}

/** One drop after the other, for ever. */
function drip(start: string, drop: string): Reply {
  return raw((socket) => {
    socket.write(start);
    const timer = setInterval(() => socket.write(drop), 20);
    socket.on("close", () => clearInterval(timer));
  });
}

async function withinLimits<T>(work: () => Promise<T>): Promise<T> {
  const heap = process.memoryUsage();
  const before = performance.now();
  const result = await work();
  expect(performance.now() - before).toBeLessThan(CALL_MS + GRACE_MS);
  // What is garbage by now was given back: a flood makes much of it in a second, on both sides of this process.
  collectGarbage();
  const now = process.memoryUsage();
  expect(now.heapUsed + now.external - heap.heapUsed - heap.external).toBeLessThan(64 * 1024 * 1024);
  return result;
}

const OK = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
const BODY = JSON.stringify(created(ADA.email).body);
const SECRETS = "token-app-1 SQLSTATE ada+work@corp.example";

describe("raw answers to a creation", () => {
  const ATTACKS: readonly [what: string, reply: Reply, kinds: readonly TallyfyErrorKind[]][] = [
    ["a status line that is none", bytes(`${SECRETS}\r\n\r\n`), ["unavailable"]],
    ["a status out of range", bytes(`HTTP/1.1 99999 ${SECRETS}\r\n\r\n`), ["unavailable", "protocol"]],
    ["a status of nothing", bytes("HTTP/1.1 000 No\r\nContent-Length: 0\r\n\r\n"), ["unavailable", "protocol"]],
    ["another version of HTTP", bytes(`HTTP/9.9 200 OK\r\n\r\n${BODY}`), ["unavailable", "protocol"]],
    ["the greeting of HTTP/2", bytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), ["unavailable"]],
    ["a greeting of TLS", bytes(Buffer.from("16030100ff010000", "hex")), ["unavailable"]],
    ["nothing but line ends", bytes("\r\n".repeat(10_000)), ["unavailable"]],
    [
      "a switch to another protocol",
      bytes("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"),
      ["unavailable"],
    ],
    [
      "a header with a line break folded into it",
      bytes(`${OK}X-A: b\r\n ${SECRETS}\r\nContent-Length: 2\r\n\r\n{}`),
      ["unavailable", "protocol"],
    ],
    [
      "a header with a NUL",
      bytes(`${OK}X-A: a\0${SECRETS}\r\nContent-Length: 2\r\n\r\n{}`),
      ["unavailable", "protocol"],
    ],
    ["a header without a name", bytes(`${OK}: ${SECRETS}\r\nContent-Length: 2\r\n\r\n{}`), ["unavailable", "protocol"]],
    ["two lengths", bytes(`${OK}Content-Length: 2\r\nContent-Length: 400\r\n\r\n{}`), ["unavailable", "protocol"]],
    ["a negative length", bytes(`${OK}Content-Length: -1\r\n\r\n{}`), ["unavailable", "protocol"]],
    ["an impossible length", bytes(`${OK}Content-Length: 99999999999999999999\r\n\r\n{}`), ["unavailable", "protocol"]],
    ["fewer bytes than it says", bytes(`${OK}Content-Length: 4000\r\n\r\n${BODY}`), ["unavailable"]],
    [
      "a length and chunks",
      bytes(`${OK}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n`),
      ["unavailable", "protocol"],
    ],
    [
      "a chunk that is longer than it says",
      bytes(`${OK}Transfer-Encoding: chunked\r\n\r\n2\r\n{}{}{}\r\n0\r\n\r\n`),
      ["unavailable"],
    ],
    [
      "a chunk of a size that is no number",
      bytes(`${OK}Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n`),
      ["unavailable"],
    ],
    [
      "a chunk of an impossible size",
      bytes(`${OK}Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n{}`),
      ["unavailable"],
    ],
    [
      "bytes that are not UTF-8",
      bytes(Buffer.concat([Buffer.from(`${OK}Content-Length: 4\r\n\r\n`), Buffer.from([0xff, 0xfe, 0xc3, 0x28])])),
      ["protocol"],
    ],
    [
      "gzip that nobody asked for",
      {
        status: 200,
        body: gzipSync("0".repeat(5_000_000)).toString("latin1"),
        headers: { "Content-Encoding": "gzip" },
      },
      ["protocol"],
    ],
    [
      "a cookie and a login page",
      { status: 200, body: `<html>${SECRETS}</html>`, headers: { "Set-Cookie": "a=b" } },
      ["protocol"],
    ],
    ["an answer without a body", { status: 204 }, ["protocol"]],
    ["headers that drip for ever", drip(OK, "X"), ["timeout"]],
    ["header lines that drip for ever", drip(OK, "X-A: b\r\n"), ["timeout", "unavailable"]],
    ["a body that drips for ever", drip(`${OK}\r\n`, " "), ["timeout"]],
    [
      "promises of an answer for ever",
      drip("HTTP/1.1 103 Early Hints\r\n\r\n", "HTTP/1.1 103 Early Hints\r\n\r\n"),
      ["timeout", "unavailable"],
    ],
    ["silence after half a header", raw((socket) => socket.write("HTTP/1.1 200 O")), ["timeout"]],
  ];

  test.each(ATTACKS)("%s", async (_what, reply, kinds) => {
    server.on(CREATE_PATH, reply);
    const failure = await withinLimits(() => failureOf(client.createUser(ADA)));
    expect(kinds).toContain(failure.kind);
    // The request was written: whether it was carried out is not known, and nobody may conclude that it was not.
    expect(failure.wasSent).toBe(true);
    expect(failure.message).not.toContain("SQLSTATE");
    server.on(CREATE_PATH, created(ADA.email));
    expect((await client.createUser(ADA)).accountId).toBe(70001);
  });
});

describe("floods", () => {
  test.each<[string, string, string]>([
    ["header", OK, `X-A: ${"b".repeat(1000)}\r\n`],
    ["one header line", `${OK}X-A: `, "b".repeat(10_000)],
    ["promise (103)", "", "HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n"],
    ["body without a length", `${OK}\r\n`, " ".repeat(100_000)],
    ["chunk", `${OK}Transfer-Encoding: chunked\r\n\r\n`, `400\r\n${" ".repeat(1024)}\r\n`],
    ["chunk extension", `${OK}Transfer-Encoding: chunked\r\n\r\n2;`, "a=b;".repeat(1000)],
    ["trailer", `${OK}Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n`, `X-A: ${"b".repeat(1000)}\r\n`],
    ["body of a refusal", "HTTP/1.1 422 No\r\n\r\n", "{".repeat(100_000)],
  ])("of %ss end in time and in bounded memory", async (_what, start, piece) => {
    const { reply } = pour(start, piece);
    server.on(CREATE_PATH, reply);
    const failure = await withinLimits(() => failureOf(client.createUser(ADA)));
    expect(["unavailable", "timeout", "protocol", "invalid"]).toContain(failure.kind);
  });
});

describe("answers for another question", () => {
  test("an answer hidden behind an answer is never taken for the next call's", async () => {
    const poison = JSON.stringify({ data: { id: 666, email: ADA.email } });
    const answer = (body: string) => `${OK}Content-Length: ${body.length}\r\nConnection: keep-alive\r\n\r\n${body}`;
    server.on(CREATE_PATH, (_, nth) =>
      nth === 1 ? raw((socket) => socket.write(answer(BODY) + answer(poison))) : created(ADA.email),
    );
    const first = await client.createUser(ADA).catch((error: unknown) => error);
    if (!(first instanceof TallyfyError)) expect(first).toMatchObject({ accountId: 70001 });
    await delay(50);
    expect((await client.createUser(ADA)).accountId).toBe(70001);
    expect(server.count(CREATE_PATH)).toBe(2);
  });

  test("a user of another address than was asked for is not believed", async () => {
    server.on(CREATE_PATH, created("mallory@evil.example"));
    expect((await failureOf(client.createUser(ADA))).kind).toBe("protocol");
  });

  test("a search that finds somebody else finds nobody", async () => {
    server.on(LIST_PATH, { status: 200, body: { data: [{ id: 1, email: "mallory@evil.example" }] } });
    expect(await client.findMember(ADA.email)).toBeNull();
  });
});

describe("redirects", () => {
  test.each([301, 302, 303, 307, 308])(
    "%d are not followed: no other host sees a request, a token or a person",
    async (status) => {
      const elsewhere = await startServer();
      elsewhere.on("", created(ADA.email));
      const reply = { status, headers: { Location: `${elsewhere.url}/steal` } };
      for (const path of [CREATE_PATH, TOKEN_PATH, LIST_PATH, MINT_PATH]) {
        giveTokens(server);
        server.on(path, reply);
        const fresh = createTallyfyClient(optionsFor(server));
        const work =
          path === CREATE_PATH
            ? fresh.createUser(ADA)
            : path === TOKEN_PATH
              ? fresh.ensureAccess()
              : fresh.findMember(ADA.email);
        expect((await failureOf(work)).kind).toBe("protocol");
        await fresh.close();
      }
      expect(elsewhere.seen).toEqual([]);
      await elsewhere.close();
    },
  );
});

describe("JSON that means harm", () => {
  const deep = (depth: number) => `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;
  test.each<[string, string]>([
    ["nested deeply", `{"data":${deep(50_000)}}`],
    ["nested deeply in lists", `${"[".repeat(100_000)}${"]".repeat(100_000)}`],
    ["with a prototype", '{"__proto__":{"id":7,"email":"ada+work@corp.example"}}'],
    ["with a constructor", '{"constructor":{"prototype":{"id":7}},"data":{"__proto__":{"id":7}}}'],
    ["with an address that is no text", '{"data":{"id":null,"email":{"toString":"x"}}}'],
    ["of one number", "1e999"],
    ["of one text", `"${SECRETS}"`],
  ])("%s is a protocol failure, and pollutes nothing", async (_what, body) => {
    server.on(CREATE_PATH, { status: 200, body });
    expect((await withinLimits(() => failureOf(client.createUser(ADA)))).kind).toBe("protocol");
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect(({} as Record<string, unknown>).id).toBeUndefined();
  });

  test.each([1e308, 2 ** 53, -1, 0, 1.5, "9".repeat(400), "1e5", "-7", true, {}, []])(
    "an id of %j is no number of an account",
    async (id) => {
      server.on(CREATE_PATH, { status: 201, body: { data: { id, email: ADA.email } } });
      expect((await client.createUser(ADA)).accountId).toBeNull();
    },
  );

  test.each<[string, string]>([
    [
      "entries without id and address that are nested deeply",
      `{"data":[${deep(50_000)}],"meta":{"pagination":{"total":1}}}`,
    ],
    ["a total beyond every organisation", '{"data":[{"id":1}],"meta":{"pagination":{"total":999999999}}}'],
    ["a prototype for a total", '{"data":[],"meta":{"__proto__":{"pagination":{"total":0}}}}'],
  ])("a member list with %s is not used", async (_what, body) => {
    server.on(LIST_PATH, { status: 200, body });
    const read = async () => {
      for await (const _page of client.listMembers());
    };
    expect((await withinLimits(() => failureOf(read()))).kind).toBe("protocol");
    expect(server.count(LIST_PATH)).toBe(1);
  });

  test.each([1e308, 1e15, "9999999999"])(
    "a token's life of %j seconds is believed for a year at most",
    async (lifetime) => {
      server.on(MINT_PATH, tokenReply("token-user-1", lifetime));
      const token = await client.mintFor(ADA.email, async () => true);
      expect(token.expiresAt - token.obtainedAt).toBe(365 * 24 * 3_600_000);
    },
  );

  test("a refusal with a deep, wide and poisoned body is told by its status alone", async () => {
    const wide = Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`field${index}`, [SECRETS]]));
    for (const body of [
      deep(20_000),
      JSON.stringify({ errors: wide }),
      '{"errors":{"__proto__":["x"],"constructor":["y"]},"code":"__proto__"}',
    ]) {
      server.on(CREATE_PATH, { status: 422, body });
      const failure = await withinLimits(() => failureOf(client.createUser(ADA)));
      expect(failure.kind).toBe("invalid");
      expect(failure.fields.length).toBeLessThanOrEqual(20);
    }
  });
});

/** A success says only what stands in the bytes that were sent, and these say that the call succeeded. */
function expectTold(account: Account | null, sent: Buffer): "an account" | "nobody" {
  const text = sent.toString("latin1").toLowerCase();
  expect(text).toMatch(/^http\/\d\.\d 2\d\d/);
  if (account === null) {
    expect(text).toContain('"data":[');
    expect(text).not.toContain(`"email":"${ADA.email}"`);
    return "nobody";
  }
  expect(account.email).toBe(ADA.email);
  for (const [, email] of text.matchAll(/"email":"([^"]*)"/g)) expect(email).toBe(ADA.email);
  const ids = [...text.matchAll(/"id":"?([\d.e+-]+)/g)].map(([, number]) => Number(number));
  if (account.accountId === null) expect(text).toContain(`"email":"${ADA.email}"`);
  else expect(ids).toContain(account.accountId);
  return "an account";
}

test("whatever bytes come, a call ends in time, with an account or with a failure that tells nothing", {
  timeout: 90_000,
}, async () => {
  const statusLine = fc.oneof(
    fc.constantFrom(
      "HTTP/1.1 200 OK",
      "HTTP/1.1 201 Created",
      "HTTP/1.1 422 No",
      "HTTP/1.0 500",
      "HTTP/1.1 100 Go on",
      "HTTP/1.1 304 Same",
    ),
    fc.tuple(fc.integer({ min: -1, max: 1100 }), fc.string()).map(([status, text]) => `HTTP/1.1 ${status} ${text}`),
    fc.string(),
  );
  const headerLine = fc.oneof(
    fc.constantFrom(
      "Content-Length: 5",
      "Content-Length: 0",
      "Transfer-Encoding: chunked",
      "Connection: close",
      "Content-Encoding: gzip",
      "Retry-After: -1",
      "Retry-After: 1e9",
      "X-Request-Id: token-app-1 corp.example",
    ),
    fc.tuple(fc.string(), fc.string()).map(([name, value]) => `${name}: ${value}`),
    fc.string({ unit: "binary" }),
  );
  const body = fc.oneof(
    fc.json(),
    fc.constant(BODY),
    fc.constant(`5\r\n{"a":\r\n0\r\n\r\n`),
    fc.string({ unit: "binary" }),
    fc.constant(SECRETS),
  );
  const garbage = fc
    .record({
      statusLine,
      headers: fc.array(headerLine, { maxLength: 4 }),
      body,
      end: fc.constantFrom("\r\n", "\n", "\r"),
      cutAt: fc.double({ min: 0, max: 1, noNaN: true }),
      isCut: fc.boolean(),
    })
    .map(({ statusLine: line, headers, body: text, end, cutAt, isCut }) => {
      const whole = Buffer.from([line, ...headers, "", text].join(end));
      return isCut ? whole.subarray(0, Math.floor(whole.length * cutAt)) : whole;
    });
  /** What Tallyfy would say, of her or of somebody else, whole or with one byte that is another. */
  const wellMeant = fc
    .record({
      status: fc.constantFrom("200 OK", "201 Created", "200 OK", "201 Created", "304 Same", "422 No"),
      id: fc.oneof(fc.integer({ min: 1 }), fc.constant(undefined)),
      email: fc.constantFrom(ADA.email, ADA.email.toUpperCase(), "bob@corp.example"),
      shape: fc.constantFrom("created", "listed", "nobody"),
      hasLength: fc.boolean(),
      wrong: fc.option(fc.record({ at: fc.nat(), byte: fc.nat({ max: 255 }) })),
    })
    .map(({ status, id, email, shape, hasLength, wrong }) => {
      const listed = shape === "listed" ? [{ id, email }] : [];
      const list = { data: listed, meta: { pagination: { total: listed.length } } };
      const text = JSON.stringify(shape === "created" ? { data: { id, email } } : list);
      const whole = Buffer.from(
        `HTTP/1.1 ${status}\r\n${hasLength ? `Content-Length: ${text.length}\r\n` : ""}\r\n${text}`,
      );
      if (wrong !== null) whole[wrong.at % whole.length] = wrong.byte;
      return whole;
    });
  const outcomes = new Set<string>();
  let wire: Buffer = Buffer.alloc(0);
  for (const path of [CREATE_PATH, LIST_PATH]) server.on(path, () => raw((socket) => socket.end(wire)));
  await fc.assert(
    fc.asyncProperty(fc.oneof(garbage, wellMeant), fc.boolean(), async (sent, creates) => {
      wire = sent;
      const before = performance.now();
      const call: Promise<Account | null> = creates ? client.createUser(ADA) : client.findMember(ADA.email);
      const outcome = await call.catch((error: unknown) => error as Error);
      expect(performance.now() - before).toBeLessThan(CALL_MS + GRACE_MS);
      if (!(outcome instanceof Error)) {
        outcomes.add(`${creates ? "create" : "find"}: ${expectTold(outcome, sent)}`);
        return;
      }
      expect(outcome).toBeInstanceOf(TallyfyError);
      expectPrivate(JSON.stringify((outcome as TallyfyError).failure));
    }),
    { numRuns: 600 },
  );
  expect([...outcomes].sort()).toEqual(["create: an account", "find: an account", "find: nobody"]);
});

test("the connection of an answer that was given up is closed, not kept", async () => {
  const sockets: Socket[] = [];
  server.on(
    CREATE_PATH,
    raw((socket) => {
      sockets.push(socket);
      socket.write(`${OK}Content-Length: 1000000000\r\n\r\n`);
    }),
  );
  await failureOf(client.createUser(ADA));
  const [socket] = sockets;
  if (socket !== undefined && !socket.destroyed) await once(socket, "close");
  expect(sockets).toHaveLength(1);
});
