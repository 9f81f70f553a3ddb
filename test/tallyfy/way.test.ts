// The way to Tallyfy: broken connections, patience, size, proxies and certificates. Whether a request may have been
// carried out must be right in every case, since a creation that is believed unsent is simply sent again.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { CallNote, TallyfyClient } from "../../src/tallyfy/client.ts";
import type { TallyfyClientOptions } from "../../src/tallyfy/settings.ts";
import { type ScriptedServer, startServer } from "./scripted-server.ts";
import { ADA, CREATE_PATH, clientFor, created, expectPrivate, failureOf, giveTokens, TOKEN_PATH } from "./subject.ts";

let server: ScriptedServer;
let notes: CallNote[];
const closing: (() => Promise<void>)[] = [];

beforeEach(async () => {
  server = await startServer();
  closing.push(() => server.close());
  giveTokens(server);
  server.on(CREATE_PATH, created(ADA.email));
  notes = [];
});

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

function open(overrides: Partial<TallyfyClientOptions> = {}): TallyfyClient {
  const client = clientFor(server, { onCall: (note) => notes.push(note), ...overrides });
  closing.push(() => client.close());
  return client;
}

/** A plain TCP listener, for peers that do not speak HTTP properly. */
async function listen(onSocket: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const listener: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    onSocket(socket);
  });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  closing.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => listener.close(resolve));
  });
  return (listener.address() as AddressInfo).port;
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

describe("a request that never left", () => {
  test("a refused connection", async () => {
    const failure = await failureOf(open({ apiUrl: `http://127.0.0.1:${await freePort()}/api` }).createUser(ADA));
    expect(failure).toMatchObject({ kind: "unavailable", status: null, wasSent: false });
    expect(failure.message).toContain("ECONNREFUSED");
    expect(failure.message).toContain("TALLYFY_API_URL");
    expect(notes.at(-1)).toMatchObject({ endpoint: "create", status: null, kind: "unavailable" });
  });

  test("a token host that refuses the connection", async () => {
    const tokenUrl = `http://127.0.0.1:${await freePort()}/oauth/token`;
    const failure = await failureOf(open({ tokenUrl }).ensureAccess());
    expect(failure).toMatchObject({ kind: "unavailable", wasSent: false });
    expect(failure.message).toContain("TALLYFY_TOKEN_URL");
  });

  test("a host that does not exist", async () => {
    const failure = await failureOf(open({ apiUrl: "http://nowhere.invalid/api" }).createUser(ADA));
    expect(failure).toMatchObject({ kind: "unavailable", wasSent: false });
    expect(failure.message).toMatch(/ENOTFOUND|EAI_AGAIN/);
  });

  test("a TLS handshake that breaks off", async () => {
    const port = await listen((socket) => socket.destroy());
    const failure = await failureOf(open({ apiUrl: `https://127.0.0.1:${port}/api` }).createUser(ADA));
    expect(failure).toMatchObject({ kind: "unavailable", wasSent: false });
  });

  test("a TLS handshake that is never answered", async () => {
    const port = await listen(() => {});
    const options = { apiUrl: `https://127.0.0.1:${port}/api`, callTimeoutMs: 300, connectTimeoutMs: 20_000 };
    const startedAt = performance.now();
    const failure = await failureOf(open(options).createUser(ADA));
    expect(failure).toMatchObject({ kind: "timeout", wasSent: false });
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });

  test("a connection that does not come about in time", async () => {
    const port = await listen(() => {});
    const options = { apiUrl: `https://127.0.0.1:${port}/api`, connectTimeoutMs: 200 };
    const failure = await failureOf(open(options).createUser(ADA));
    expect(failure).toMatchObject({ kind: "unavailable", wasSent: false });
    expect(failure.message).toContain("UND_ERR_CONNECT_TIMEOUT");
  });
});

describe("a request whose outcome is unknown", () => {
  test("a reset after it was read", async () => {
    server.on(CREATE_PATH, { status: 0, raw: (socket) => socket.resetAndDestroy() });
    expect(await failureOf(open().createUser(ADA))).toMatchObject({ kind: "unavailable", status: null, wasSent: true });
    expect(server.count("POST /api")).toBe(1);
  });

  test("a connection closed without a word", async () => {
    server.on(CREATE_PATH, { status: 0, raw: (socket) => socket.end() });
    expect(await failureOf(open().createUser(ADA))).toMatchObject({ kind: "unavailable", wasSent: true });
    expect(server.count("POST /api")).toBe(1);
  });

  test("an answer that stops in its middle", async () => {
    const text = 'HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{"data":';
    server.on(CREATE_PATH, { status: 0, raw: (socket) => socket.end(text) });
    expect(await failureOf(open().createUser(ADA))).toMatchObject({ kind: "unavailable", wasSent: true });
  });

  test("something that is not HTTP, none of which is repeated", async () => {
    server.on(CREATE_PATH, { status: 0, raw: (socket) => socket.end("220 corp.example SQLSTATE ready\r\n") });
    expect(await failureOf(open().createUser(ADA))).toMatchObject({ kind: "unavailable", wasSent: true });
  });

  test("no answer within the time for the call", async () => {
    server.on(CREATE_PATH, { status: 0, raw: () => {} });
    const failure = await failureOf(open({ callTimeoutMs: 250 }).createUser(ADA));
    expect(failure).toMatchObject({ kind: "timeout", status: null, wasSent: true });
    expect(failure.message).toContain("0.25 seconds");
  });

  test("no headers within their time", async () => {
    server.on(CREATE_PATH, { status: 0, raw: () => {} });
    const failure = await failureOf(open({ headersTimeoutMs: 200 }).createUser(ADA));
    expect(failure).toMatchObject({ kind: "timeout", wasSent: true });
    expect(failure.message).toContain("did not answer within 0.2 seconds");
  });

  test("a body that drips for ever", async () => {
    const head = "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{";
    server.on(CREATE_PATH, { status: 0, raw: (socket) => socket.write(head) });
    expect(await failureOf(open({ callTimeoutMs: 250 }).createUser(ADA))).toMatchObject({
      kind: "timeout",
      wasSent: true,
    });
  });
});

describe("the size of an answer", () => {
  test("is limited, and the rest is not read", async () => {
    let isClosed = false;
    server.on(CREATE_PATH, {
      status: 0,
      raw(socket) {
        socket.on("close", () => {
          isClosed = true;
        });
        const pour = () => socket.write("x".repeat(65_536), (error) => (error ? undefined : pour()));
        socket.write("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n", pour);
      },
    });
    const failure = await failureOf(open({ maxBodyBytes: 100_000 }).createUser(ADA));
    expect(failure).toMatchObject({ kind: "protocol", status: 200, wasSent: true });
    await expect.poll(() => isClosed).toBe(true);
  });

  test("does not hide the status of an error", async () => {
    server.on(CREATE_PATH, { status: 403, body: "x".repeat(500_000) });
    expect(await failureOf(open({ maxBodyBytes: 1_000 }).createUser(ADA))).toMatchObject({
      kind: "forbidden",
      status: 403,
    });
  });

  test("nor does an error body that never ends", async () => {
    const head = "HTTP/1.1 429 Too Many\r\nRetry-After: 3\r\nContent-Length: 500\r\n\r\nSlow";
    server.on(CREATE_PATH, { status: 0, raw: (socket) => socket.write(head) });
    const failure = await failureOf(open({ callTimeoutMs: 250 }).createUser(ADA));
    expect(failure).toMatchObject({ kind: "rate-limited", retryAfterMs: 3_000 });
  });
});

test("connections are kept for the next call and closed at the end", async () => {
  const client = open();
  await client.createUser(ADA);
  await client.createUser(ADA);
  await client.close();
  expect(server.count("POST /api")).toBe(2);
  expect(await failureOf(client.createUser(ADA))).toMatchObject({ kind: "unavailable", wasSent: false });
});

describe("a proxy from the environment", () => {
  const NAMES = ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"];
  const before = new Map(NAMES.map((name) => [name, process.env[name]]));

  beforeEach(() => {
    for (const name of NAMES) delete process.env[name];
  });

  afterEach(() => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });

  /** Sends whatever is asked for to the scripted server; keeps what it was asked to connect to. */
  async function startProxy(
    status = 200,
    hold: (goOn: () => void) => unknown = (goOn) => goOn(),
  ): Promise<{ url: string; asked: string[] }> {
    const asked: string[] = [];
    const proxy = createHttpServer();
    const sockets = new Set<Socket>();
    proxy.on("connect", (request, socket: Socket) => {
      asked.push(`${request.url} ${request.headers["proxy-authorization"] ?? "-"}`);
      socket.on("error", () => {});
      sockets.add(socket);
      if (status !== 200) {
        socket.end(`HTTP/1.1 ${status} No\r\n\r\n`);
        return;
      }
      const onward = connect(server.port, "127.0.0.1", () =>
        hold(() => {
          socket.write("HTTP/1.1 200 OK\r\n\r\n");
          onward.pipe(socket).pipe(onward);
        }),
      );
      onward.on("error", () => {});
      sockets.add(onward);
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    closing.push(async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => proxy.close(resolve));
    });
    return { url: `http://user:pass%21word@127.0.0.1:${(proxy.address() as AddressInfo).port}`, asked };
  }

  const elsewhere = { apiUrl: "http://tallyfy.test/api", tokenUrl: "http://account.tallyfy.test/oauth/token" };

  test("carries all calls to other machines, with its password", async () => {
    const proxy = await startProxy();
    process.env.HTTP_PROXY = proxy.url;
    await open(elsewhere).createUser(ADA);
    const login = `Basic ${Buffer.from("user:pass!word").toString("base64")}`;
    expect(proxy.asked).toEqual([`account.tallyfy.test:80 ${login}`, `tallyfy.test:80 ${login}`]);
  });

  test("carries no call to this machine, nor to a host in NO_PROXY", async () => {
    const proxy = await startProxy();
    process.env.HTTP_PROXY = proxy.url;
    process.env.NO_PROXY = "tallyfy.test";
    await open().createUser(ADA);
    expect(await failureOf(open(elsewhere).createUser(ADA))).toMatchObject({ wasSent: false });
    expect(proxy.asked).toEqual([]);
  });

  test.each([407, 403, 502])("that says %d is named, and nothing was sent", async (status) => {
    const proxy = await startProxy(status);
    process.env.HTTP_PROXY = proxy.url;
    const failure = await failureOf(open(elsewhere).createUser(ADA));
    expect(failure).toMatchObject({ kind: "unavailable", wasSent: false });
    expect(failure.message).toContain("HTTPS_PROXY");
    expect(failure.message).not.toMatch(/pass(%21|!)word/);
  });

  test("that hangs up is named, and is not dialled for ever", async () => {
    let dialled = 0;
    const port = await listen((socket) => {
      dialled += 1;
      socket.once("data", () => socket.destroy());
    });
    process.env.HTTP_PROXY = `http://127.0.0.1:${port}`;
    const failure = await failureOf(open(elsewhere).createUser(ADA));
    expect(failure).toMatchObject({ kind: "unavailable", wasSent: false });
    expect(failure.message).toContain("proxy");
    expect(dialled).toBe(1);
  });

  test("that says nothing is given the time for connecting, and nothing was sent", async () => {
    process.env.HTTP_PROXY = `http://127.0.0.1:${await listen(() => {})}`;
    const failure = await failureOf(open({ ...elsewhere, connectTimeoutMs: 200 }).createUser(ADA));
    expect(failure).toMatchObject({ kind: "unavailable", wasSent: false });
    const impatient = await failureOf(open({ ...elsewhere, callTimeoutMs: 200 }).createUser(ADA));
    expect(impatient).toMatchObject({ kind: "timeout", wasSent: false });
  });

  test("that connects only after the deadline does not carry the request that was given up", async () => {
    const waiting: (() => void)[] = [];
    let isHolding = true;
    const proxy = await startProxy(200, (goOn) => (isHolding ? waiting.push(goOn) : goOn()));
    process.env.HTTP_PROXY = proxy.url;
    const client = open({ ...elsewhere, callTimeoutMs: 1_000, connectTimeoutMs: 20_000 });
    expect(await failureOf(client.ensureAccess())).toMatchObject({ kind: "timeout", wasSent: false });
    isHolding = false;
    expect(waiting).toHaveLength(1);
    for (const goOn of waiting) goOn();
    await client.ensureAccess();
    expect(server.count(TOKEN_PATH)).toBe(1);
  });

  test("that is not there is named, and nothing was sent", async () => {
    process.env.HTTP_PROXY = `http://127.0.0.1:${await freePort()}`;
    const failure = await failureOf(open(elsewhere).createUser(ADA));
    expect(failure).toMatchObject({ kind: "unavailable", wasSent: false });
    expect(failure.message).toContain("proxy");
  });

  test("that cannot be understood is said at once, without its password", () => {
    process.env.HTTP_PROXY = "http://user:s3cret@@::bad";
    expect(() => open()).toThrow("HTTP_PROXY");
    try {
      open();
    } catch (error) {
      expectPrivate(String(error));
    }
  });
});

describe("certificates", () => {
  let folder: string;
  let tls: { key: string; cert: string };
  let secure: ScriptedServer;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "tallyfy-ca-"));
    const files = ["-keyout", join(folder, "key.pem"), "-out", join(folder, "cert.pem")];
    const subject = ["-subj", "/CN=Roster test authority", "-addext", "subjectAltName=IP:127.0.0.1"];
    const kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
    execFileSync("openssl", ["req", ...kind, ...subject, ...files], { stdio: "ignore" });
    tls = { key: readFileSync(join(folder, "key.pem"), "utf8"), cert: readFileSync(join(folder, "cert.pem"), "utf8") };
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  beforeEach(async () => {
    secure = await startServer(tls);
    closing.push(() => secure.close());
    giveTokens(secure);
    secure.on(CREATE_PATH, created(ADA.email));
  });

  function openSecure(overrides: Partial<TallyfyClientOptions>): TallyfyClient {
    const client = clientFor(secure, overrides);
    closing.push(() => client.close());
    return client;
  }

  test("of an unknown authority are not trusted, and the message says what to do", async () => {
    const failure = await failureOf(openSecure({}).createUser(ADA));
    expect(failure).toMatchObject({ kind: "unavailable", wasSent: false });
    expect(failure.message).toContain("TALLYFY_CA_FILE");
    expect(secure.seen).toHaveLength(0);
  });

  test("of an authority in the CA file are trusted", async () => {
    await openSecure({ ca: tls.cert }).createUser(ADA);
    expect(secure.count(TOKEN_PATH)).toBe(1);
    expect(secure.count(CREATE_PATH)).toBe(1);
  });

  test("made out to another name are not trusted, CA file or not", async () => {
    const urls = {
      apiUrl: `https://localhost:${secure.port}/api`,
      tokenUrl: `https://localhost:${secure.port}/oauth/token`,
    };
    const failure = await failureOf(openSecure({ ...urls, ca: tls.cert }).createUser(ADA));
    expect(failure).toMatchObject({ kind: "unavailable", wasSent: false });
    expect(failure.message).toContain("another name");
  });

  test("are trusted through a proxy's tunnel as well", async () => {
    const proxy = createHttpServer();
    proxy.on("connect", (_, socket: Socket) => {
      const onward = connect(secure.port, "127.0.0.1", () => {
        socket.write("HTTP/1.1 200 OK\r\n\r\n");
        onward.pipe(socket).pipe(onward);
      });
      onward.on("error", () => {});
      socket.on("error", () => {});
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    closing.push(async () => {
      proxy.closeAllConnections();
      proxy.close();
    });
    process.env.https_proxy = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    try {
      const urls = { apiUrl: "https://tallyfy.test/api", tokenUrl: "https://tallyfy.test/oauth/token" };
      const failure = await failureOf(openSecure({ ...urls, ca: tls.cert }).createUser(ADA));
      expect(failure.message).toContain("another name");
      const untrusted = await failureOf(openSecure(urls).createUser(ADA));
      expect(untrusted.message).toContain("TALLYFY_CA_FILE");
    } finally {
      delete process.env.https_proxy;
    }
  });

  test("cannot be read from a file that holds none", () => {
    expect(() => openSecure({ ca: "not a certificate" })).toThrow("TALLYFY_CA_FILE");
  });
});
