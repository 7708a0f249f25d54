/** Lines of the story that a failure tells: the newest. */
const linesTold = 40;

/** What has happened in a scenario so far, so that a failure tells the whole story and not only its last line. */
export class Story {
  readonly #lines: string[] = [];
  readonly #now: () => number;

  /** `now`: virtual time in ms. */
  constructor(now: () => number) {
    this.#now = now;
  }

  tell(line: string): void {
    this.#lines.push(`${this.#now().toFixed(1).padStart(10)} ms  ${line}`);
  }

  /** Ends the scenario: something that should hold does not. */
  fail(message: string): never {
    throw new Error(`${message}\n\nthe story so far:\n${this.#lines.slice(-linesTold).join('\n')}`);
  }

  expect(holds: boolean, message: () => string): void {
    if (!holds) this.fail(message());
  }
}

/** Virtual milliseconds of so many seconds. */
export function seconds(count: number): number {
  return count * 1000;
}

/** Virtual milliseconds of so many Julian years. */
export function years(count: number): number {
  return count * 31_557_600_000;
}
