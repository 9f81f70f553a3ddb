// The rule by which the soak says that something grows, apart from how it is measured.
//
// The first third of the samples is the start: caches fill, retention is not yet reached. What follows is steady state. A measure
// grows when its median over the last third of all samples exceeds its median over the middle third by more than its tolerance,
// AND a line through the steady state (Theil and Sen's: the median of all slopes, which a few odd samples cannot bend) rises
// by more than the tolerance within the time that the steady state lasted. Both, so that neither a late peak nor a wave alone
// is called growth. A tolerance is a share and a floor, whichever is more.

export interface Sample {
  /** Since the start. */
  readonly atMs: number;
  readonly value: number;
}

export interface Tolerance {
  readonly share: number;
  readonly floor: number;
}

export interface Growth {
  readonly start: number;
  readonly middle: number;
  readonly end: number;
  readonly slopePerHour: number;
  readonly allowed: number;
  readonly grows: boolean;
}

/** @throws Error with fewer than nine samples: that says nothing */
export function judgeGrowth(samples: readonly Sample[], tolerance: Tolerance): Growth {
  if (samples.length < 9) throw new Error(`${samples.length} samples are too few to say whether something grows`);
  const third = Math.floor(samples.length / 3);
  const steady = samples.slice(third);
  const start = median(samples.slice(0, third).map(({ value }) => value));
  const middle = median(samples.slice(third, samples.length - third).map(({ value }) => value));
  const end = median(samples.slice(-third).map(({ value }) => value));
  const slopePerMs = slopeOf(steady);
  const allowed = Math.max(tolerance.floor, middle * tolerance.share);
  const lastedMs = (steady.at(-1)?.atMs ?? 0) - (steady[0]?.atMs ?? 0);
  const grows = end - middle > allowed && slopePerMs * lastedMs > allowed;
  return { start, middle, end, slopePerHour: slopePerMs * 3_600_000, allowed, grows };
}

function slopeOf(samples: readonly Sample[]): number {
  const slopes: number[] = [];
  for (const [index, one] of samples.entries()) {
    for (const other of samples.slice(index + 1)) {
      if (other.atMs > one.atMs) slopes.push((other.value - one.value) / (other.atMs - one.atMs));
    }
  }
  return median(slopes);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  const [low, high] = [sorted[half - 1] ?? 0, sorted[half] ?? 0];
  return sorted.length % 2 === 1 ? high : (low + high) / 2;
}
