// Another process has begun to read the same run's roster, or has come to the end of it: what this one made of it counts no more.

export class ReadingLost extends Error {
  override readonly name = "ReadingLost";

  constructor(options?: { cause?: unknown }) {
    super("this reading of the roster is no longer the latest of its run", options);
  }
}
