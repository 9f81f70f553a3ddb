// The headers that every answer carries: what the browser may load, from where, and who may look over its shoulder.
// No page asks any other site for anything; Bull Board's own page gets a policy that differs in inline styles only.

const COMMON = "connect-src 'self'; frame-ancestors 'none'; base-uri 'self'; form-action 'self'";

const OWN_PAGES = `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; ${COMMON}`;

// Bull Board sets style attributes and adds style elements as it runs (libraries.md section 2).
const BULL_BOARD =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
  `font-src 'self'; manifest-src 'self'; ${COMMON}`;

const ALWAYS = {
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
} as const;

/** The headers for an answer to this path (without query). */
export function headersFor(path: string): Readonly<Record<string, string>> {
  const isBoard = path === "/queues" || path.startsWith("/queues/");
  // Bull Board's own scripts carry their hash in the name, and are the same for everybody.
  const isLasting = path.startsWith("/queues/static/");
  return {
    ...ALWAYS,
    "content-security-policy": isBoard ? BULL_BOARD : OWN_PAGES,
    "cache-control": isLasting ? "private, max-age=86400" : "no-store",
  };
}

/** The path of a request, without its query. */
export function pathOf(url: string): string {
  return url.split("?", 1)[0] ?? "/";
}
