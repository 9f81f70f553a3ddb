import fc from "fast-check";
import { expect, test } from "vitest";
import { html } from "../../src/web/html.ts";

test("a value never becomes markup, in text or in an attribute", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (value) => {
      const { markup } = html`<p title="${value}">${value}</p>`;
      expect(markup.slice('<p title="'.length).match(/[<>"']/g)).toEqual(['"', ">", "<", ">"]);
    }),
  );
});

test("what is HTML already stays as it is, lists are joined, nothing leaves nothing", () => {
  const items = ["a", "<b>"].map((text) => html`<li>${text}</li>`);
  expect(html`<ul>${items}</ul>${null}${false}${0}`.markup).toBe("<ul><li>a</li><li>&lt;b&gt;</li></ul>0");
});
