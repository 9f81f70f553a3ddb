// Whether the values of an id column are really something private: national ids and bank accounts that are recognised by their
// form, and where they have one by their check digits. Looks at values, keeps none of them.

/** What an id looks like, such as "US social security numbers"; null: like nothing private. */
export function privateMatter(id: string): string | null {
  const text = id.trim().toUpperCase();
  if (/^(?!000|666|9\d\d)\d{3}-(?!00)\d{2}-(?!0000)\d{4}$/.test(text)) return "US social security numbers";
  if (/^[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]$/.test(text))
    return "UK national insurance numbers";
  if (/^[A-Z]{6}\d{2}[A-EHLMPR-T]\d{2}[A-Z]\d{3}[A-Z]$/.test(text)) return "Italian tax codes";
  if (/^[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}$/.test(text) && isIban(text.replaceAll(" ", "")))
    return "bank accounts (IBAN)";
  if (/^\d{8}[A-Z]$/.test(text) && SPANISH[Number(text.slice(0, 8)) % 23] === text.at(-1))
    return "Spanish national ids";
  return null;
}

const SPANISH = "TRWAGMYFPDXBNJZSQVHLCKE";

function isIban(text: string): boolean {
  let rest = 0;
  for (const character of text.slice(4) + text.slice(0, 4)) {
    const value = Number.parseInt(character, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest === 1;
}
