// Loaded into a process under test (NODE_OPTIONS=--import): its clock is CLOCK_AHEAD_MS ahead of the others', as between two
// machines without NTP.

const aheadMs = Number(process.env.CLOCK_AHEAD_MS ?? 0);
const RealDate = Date;

globalThis.Date = class extends RealDate {
  constructor(...given) {
    if (given.length === 0) super(RealDate.now() + aheadMs);
    else super(...given);
  }
  static now() {
    return RealDate.now() + aheadMs;
  }
};
