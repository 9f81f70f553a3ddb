// Answers before they are bytes, and how they become bytes: every error body that tallyfy-api.md 3.1 has seen.
// Handlers say what is wrong; how that looks is decided here, by the switches.

import { type MessageId, message } from "./messages.ts";
import type { SandboxSwitches, ScriptedAnswer } from "./switches.ts";

export interface Success {
  readonly kind: "success";
  readonly status: number;
  /** JSON; `undefined` for no body. */
  readonly body: unknown;
}

export interface Refusal {
  readonly kind: "refusal";
  readonly status: number;
  /** The machine-readable code; null where the API gives none. */
  readonly code: string | null;
  readonly message: MessageId;
  /** The error's own shape; `errorBodyShape` may override it. */
  readonly shape: "api" | "bare" | "oauth" | "validation" | "laravel" | "structured" | "legacy";
  /** For validation: what is wrong with which field, in any of the forms seen. */
  readonly fields?: Readonly<Record<string, FieldProblem>>;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** `form`: a list as usual, or a string or a nested object as sometimes (3.1). */
export interface FieldProblem {
  readonly message: MessageId;
  readonly form?: "list" | "string" | "nested";
}

export interface Scripted {
  readonly kind: "scripted";
  readonly answer: ScriptedAnswer;
}

export type Answer = Success | Refusal | Scripted;

export interface Rendered {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

export function ok(body: unknown, status = 200): Success {
  return { kind: "success", status, body };
}

export function refuse(
  status: number,
  code: string | null,
  text: MessageId,
  rest: Partial<Pick<Refusal, "shape" | "fields" | "details">> = {},
): Refusal {
  return { kind: "refusal", status, code, message: text, shape: "api", ...rest };
}

/** 422 with one problem for each field. */
export function invalid(fields: Readonly<Record<string, MessageId>>): Refusal {
  const problems = Object.entries(fields).map(([name, text]) => [name, { message: text }] as const);
  return refuse(422, null, "validation", { shape: "validation", fields: Object.fromEntries(problems) });
}

/** @param subject the address that the request was about, for `leakyMessages` */
export function render(answer: Answer, switches: SandboxSwitches, subject: string | null): Rendered {
  if (answer.kind === "scripted") return renderScripted(answer.answer);
  if (answer.kind === "success") {
    if (answer.body === undefined) return { status: answer.status, headers: {}, body: Buffer.alloc(0) };
    return json(answer.status, answer.body, switches.paddingBytes);
  }
  return renderRefusal(answer, switches, subject);
}

function json(status: number, body: unknown, paddingBytes = 0): Rendered {
  const text = " ".repeat(paddingBytes) + JSON.stringify(body);
  return { status, headers: { "content-type": "application/json" }, body: Buffer.from(text) };
}

function text(status: number, type: "text/plain" | "text/html", body: string): Rendered {
  return { status, headers: { "content-type": `${type}; charset=utf-8` }, body: Buffer.from(body) };
}

function renderScripted({ status, headers = {}, body }: ScriptedAnswer): Rendered {
  const rendered = typeof body === "string" ? text(status, "text/plain", body) : json(status, body ?? {});
  const own = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
  return { ...rendered, headers: { ...rendered.headers, ...Object.fromEntries(own) } };
}

function renderRefusal(refusal: Refusal, switches: SandboxSwitches, subject: string | null): Rendered {
  const { status, code, details } = refusal;
  const say = (id: MessageId) => spoken(id, switches, subject);
  const said = say(refusal.message);
  const bare = { message: said, ...(code === null ? {} : { code }) };
  const api = { error: true, ...bare };
  const structured = { error: { code: code ?? `HTTP_${status}`, message: said, ...(details ? { details } : {}) } };
  const fields = fieldsOf(refusal, say);
  const padded = (body: unknown) => json(status, body, switches.paddingBytes);

  switch (switches.errorBodyShape) {
    case "json":
      break;
    case "laravel":
      return padded(fields === null ? { message: said } : { message: said, errors: fields });
    case "structured":
      return padded(structured);
    case "legacy":
      return padded({ error: said });
    case "plain-text":
      return text(status, "text/plain", status === 401 ? "Unauthorized." : said);
    case "html":
      return text(status, "text/html", page(status, said));
    case "empty":
      return { status, headers: {}, body: Buffer.alloc(0) };
    case "cloudflare":
      // The edge answers by itself only where it cannot validate the token or cannot reach the API (3.1).
      if (status === 401) return padded({ error: "unauthorized", message: "Permission denied. Error code: APSH213." });
      if (status >= 500) return text(status, "text/html", page(status, "cloudflare"));
      break;
  }

  switch (refusal.shape) {
    case "api":
      return padded(api);
    case "bare":
      return padded(bare);
    case "oauth":
      return padded({ error: code, error_description: said, message: said });
    case "validation":
      return padded({ error: true, errors: fields ?? {} });
    case "laravel":
      return padded({ message: said, errors: fields ?? {} });
    case "structured":
      return padded(structured);
    case "legacy":
      return padded({ error: said });
  }
}

function fieldsOf(refusal: Refusal, say: (id: MessageId) => string): Record<string, unknown> | null {
  if (refusal.fields === undefined) return null;
  const entries = Object.entries(refusal.fields).map(([name, { message: id, form }]) => {
    if (form === "string") return [name, say(id)];
    return [name, form === "nested" ? { unique: [say(id)] } : [say(id)]];
  });
  return Object.fromEntries(entries);
}

/** A message in the language of the organisation, with the server's inside showing where the switch says so. */
function spoken(id: MessageId, switches: SandboxSwitches, subject: string | null): string {
  const plain = message(id, switches.localisedMessages);
  if (!switches.leakyMessages) return plain;
  const value = subject ?? "?";
  return `${plain} SQLSTATE[23000]: 1062 Duplicate entry '${value}' for key 'users_email_unique' (SQL: select * from users where email = '${value}')`;
}

function page(status: number, said: string): string {
  return `<!DOCTYPE html>\n<html><head><title>${status}</title></head><body><h1>Error ${status}</h1><p>${said}</p></body></html>\n`;
}
