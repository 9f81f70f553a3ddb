// Small questions about configuration values. No messages here: schema.ts says what would be right.

/** Whether a host name means this machine only. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, "").toLowerCase();
  return bare === "localhost" || bare === "::1" || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(bare);
}

/** https, or http to this machine; no user or password in it, no query. */
export function isServiceUrl(text: string): boolean {
  const url = parseUrl(text);
  if (url === null || url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") return false;
  return url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url.hostname));
}

/** Whether a service URL leads to this machine. */
export function isLocalUrl(text: string): boolean {
  return isLoopback(parseUrl(text)?.hostname ?? "");
}

export function isRedisUrl(text: string): boolean {
  const url = parseUrl(text);
  return url !== null && (url.protocol === "redis:" || url.protocol === "rediss:") && url.hostname !== "";
}

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** `host:port, host:port`, IPv6 in brackets; null for anything else. */
export function parseHostPorts(text: string): readonly HostPort[] | null {
  const nodes: HostPort[] = [];
  for (const part of text.split(",")) {
    const [, bracketed, plain, digits] =
      /^\s*(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9._-]+)):(\d{1,5})\s*$/.exec(part) ?? [];
    const host = bracketed ?? plain;
    const port = Number(digits);
    if (host === undefined || port < 1 || port > 65_535) return null;
    nodes.push({ host, port });
  }
  return nodes;
}

export function isHostPorts(text: string): boolean {
  return parseHostPorts(text) !== null;
}

/** The URL with its user and password covered. */
export function coverUrl(text: string): string {
  const url = parseUrl(text);
  if (url === null) return "(hidden)";
  const account = url.username === "" && url.password === "" ? "" : "***@";
  return `${url.protocol}//${account}${url.host}${url.pathname === "/" ? "" : url.pathname}`;
}

export function isTimeZone(text: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: text });
    return /^[A-Za-z]/.test(text); // Offsets such as +02:00 are no place and know no daylight saving.
  } catch {
    return false;
  }
}

/** A rough look; Tallyfy decides. */
export function isAddress(text: string): boolean {
  return /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text);
}

export function isOrganisationId(text: string): boolean {
  return /^[0-9a-f]{32}$/i.test(text);
}

export function isHost(text: string): boolean {
  return /^[A-Za-z0-9.:_-]+$/.test(text);
}

/** Something, without spaces or control characters around it. */
export function isFilled(text: string): boolean {
  return text !== "" && text === text.trim();
}

/** 32 bytes as 64 hex digits or base64, or any passphrase: the store tells them apart. */
export function isKeyOrPassphrase(text: string): boolean {
  return text.length >= 16;
}

function parseUrl(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null;
}
