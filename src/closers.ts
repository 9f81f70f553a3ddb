// What is opened is closed in reverse order, also when opening fails half-way.

export class Closers {
  readonly #closers: (() => Promise<void>)[] = [];

  /** Remembers how to close something that was just opened. */
  add(close: () => Promise<void>): void {
    this.#closers.push(close);
  }

  /** Closes everything, last opened first, once; goes on after an error and throws the first one at the end. */
  async close(): Promise<void> {
    const errors: unknown[] = [];
    for (let close = this.#closers.pop(); close !== undefined; close = this.#closers.pop()) {
      try {
        await close();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }
}
