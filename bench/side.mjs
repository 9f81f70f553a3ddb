// One side of a comparison: `node side.mjs FILE FUNCTION ARGUMENTS`, started by measured.mjs.

import { peakMegabytes } from "./measured.mjs";

const [file, work, args] = process.argv.slice(2);
const side = await import(new URL(`sides/${file}`, import.meta.url));
const answer = await side[work](...JSON.parse(args));
process.send({ peakMb: peakMegabytes(), ...answer }, () => process.exit(0));
