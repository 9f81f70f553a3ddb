// Rosters of any size, made of invented people, with the eleven columns of a common HR export.

import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";

const HEADER =
  "Employee ID,First Name,Last Name,Work Email,Department,Job Title,Location,Manager,Status,Start Date,Time Zone\n";

/** @param changedEvery every so many rows, one has another job title; 0: none */
export async function writeRoster(file, count, { dates = "iso", changedEvery = 0 } = {}) {
  async function* text() {
    let lines = HEADER;
    for (let index = 0; index < count; index += 1) {
      lines += lineOf(index, dates, changedEvery > 0 && index % changedEvery === changedEvery - 1);
      if (lines.length < 65_536) continue;
      yield lines;
      lines = "";
    }
    yield lines;
  }
  await pipeline(text, createWriteStream(file));
}

/** The address of a person of these rosters. */
export function emailOf(index) {
  return `p${String(index).padStart(7, "0")}@corp.example`;
}

function lineOf(index, dates, isChanged) {
  const month = String((index % 12) + 1).padStart(2, "0");
  const day = String((index % 28) + 1).padStart(2, "0");
  const date = dates === "mdy" ? `${month}/${day}/2021` : `2021-${month}-${day}`;
  const id = String(index).padStart(7, "0");
  const first = `Gw${letters(index % 997)}`;
  const last = `van der Häus${letters(index % 499)}`;
  const manager = `E${String(index % 900).padStart(7, "0")}`;
  const title = isChanged ? "Senior Analyst" : "Analyst";
  return `E${id},${first},${last},${emailOf(index)},"Sales, ${index % 40}",${title},Site ${index % 70},${manager},Active,${date},Europe/Berlin\n`;
}

function letters(number) {
  return String(number).replace(/\d/g, (digit) => "aeioulmnrs"[digit]);
}
