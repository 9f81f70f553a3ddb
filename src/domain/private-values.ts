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
  if (/^(19|20)?\d{2}[01]\d[0-3]\d[-+]\d{4}$/.test(text) && isLuhn(text.replace(/\D/g, "").slice(-10)))
    return "Swedish personal numbers";
  if (/^\d{3}\.\d{3}\.\d{3}-\d{2}$/.test(text)) return "Brazilian tax numbers (CPF)";
  if (/^756\.\d{4}\.\d{4}\.\d{2}$/.test(text)) return "Swiss social insurance numbers";
  if (/^\d{3}([- ])\d{3}\1\d{3}$/.test(text) && isLuhn(text.replace(/\D/g, "")))
    return "Canadian social insurance numbers";
  // The fourth letter says that it is a person's.
  if (/^[A-Z]{3}P[A-Z]\d{4}[A-Z]$/.test(text)) return "Indian tax numbers (PAN)";
  const bare = text.replaceAll(" ", "");
  if (/^\d{2}[0-3]\d[01]\d{3}[A-Z]\d{3}$/.test(bare) && isGermanInsurance(bare))
    return "German social insurance numbers";
  if (/^[12]\d{2}(0[1-9]|1[0-2])2[AB]\d{8}$/.test(bare) && isNir(corsican(bare)))
    return "French social security numbers";
  const digits = /^[\d ]+$/.test(text) ? text.replaceAll(" ", "") : "";
  if (/^[12]\d{2}(0[1-9]|1[0-2])\d{10}$/.test(digits) && isNir(digits)) return "French social security numbers";
  if (/^[2-9]\d{11}$/.test(digits) && /^\d{12}$|^\d{4} \d{4} \d{4}$/.test(text) && isVerhoeff(digits))
    return "Indian national ids (Aadhaar)";
  if (digits.length === 11 && isPesel(digits)) return "Polish national ids";
  if (/^\d{13,19}$/.test(digits) && isLuhn(digits)) return "payment cards";
  return null;
}

/** Every second digit from the right but one is doubled; the sum of all digits ends with 0. */
function isLuhn(digits: string): boolean {
  let sum = 0;
  for (let at = 0; at < digits.length; at += 1) {
    const digit = Number(digits[digits.length - 1 - at]);
    const weighed = at % 2 === 0 ? digit : digit * 2;
    sum += weighed > 9 ? weighed - 9 : weighed;
  }
  return sum % 10 === 0;
}

function isNir(digits: string): boolean {
  return 97 - Number(BigInt(digits.slice(0, 13)) % 97n) === Number(digits.slice(13));
}

/** Of people born in Corsica, whose department is no number. */
function corsican(nir: string): string {
  return nir.replace("2A", "19").replace("2B", "18");
}

/** The letter counts as its two-digit place in the alphabet; the digits of the weighed digits add up to the last one. */
function isGermanInsurance(text: string): boolean {
  const day = Number(text.slice(2, 4));
  const month = Number(text.slice(4, 6));
  const letter = String((text.codePointAt(8) ?? 0) - 64).padStart(2, "0");
  const digits = text.slice(0, 8) + letter + text.slice(9, 11);
  const sum = [2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1].reduce((total, weight, at) => {
    const weighed = weight * Number(digits[at]);
    return total + Math.floor(weighed / 10) + (weighed % 10);
  }, 0);
  return day >= 1 && day <= 31 && month >= 1 && month <= 12 && sum % 10 === Number(text[11]);
}

/** Verhoeff's check digit: places are permuted and multiplied in the group of the symmetries of a pentagon. */
function isVerhoeff(digits: string): boolean {
  let check = 0;
  for (let at = 0; at < digits.length; at += 1) {
    let digit = Number(digits[digits.length - 1 - at]);
    for (let times = at % 8; times > 0; times -= 1) digit = Number(PERMUTED[digit]);
    check = pentagon(check, digit);
  }
  return check === 0;
}

const PERMUTED = "1576283094";

/** 0 to 4 turn a pentagon, 5 to 9 turn and flip it. */
function pentagon(one: number, other: number): number {
  const turn = one < 5 ? (one + other) % 5 : (one - other + 10) % 5;
  return one < 5 === other < 5 ? turn : turn + 5;
}

/** The date of birth in it has a month of one of five centuries; the last digit is a check digit. */
function isPesel(digits: string): boolean {
  const month = Number(digits.slice(2, 4)) % 20;
  const day = Number(digits.slice(4, 6));
  const sum = [1, 3, 7, 9, 1, 3, 7, 9, 1, 3].reduce((total, weight, at) => total + weight * Number(digits[at]), 0);
  return month >= 1 && month <= 12 && day >= 1 && day <= 31 && (10 - (sum % 10)) % 10 === Number(digits[10]);
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
