// Building HTML by tagged templates: every value is escaped unless it is HTML already. No page may put text together in
// another way, so that a file name can never become markup.

/** A piece of finished HTML. Made by `html` only. */
export interface Html {
  readonly markup: string;
}

type Part = Html | string | number | null | false | readonly Part[];

/** Escapes every value; `null` and `false` leave nothing, lists are joined without a separator. */
export function html(texts: TemplateStringsArray, ...parts: readonly Part[]): Html {
  let markup = texts[0] ?? "";
  for (const [index, part] of parts.entries()) markup += rendered(part) + (texts[index + 1] ?? "");
  return { markup };
}

/** For text and for attribute values in double quotes. */
export function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

function rendered(part: Part): string {
  if (part === null || part === false) return "";
  if (typeof part === "string") return escaped(part);
  if (typeof part === "number") return String(part);
  if ("markup" in part) return part.markup;
  return part.map(rendered).join("");
}
