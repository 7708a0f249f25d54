import { assert } from '../base/assert.ts';
import type { ByteReader } from './reader.ts';
import type { ByteWriter } from './writer.ts';

/**
 * One of a closed set of words, as a byte. Each word has a number that it keeps for ever: nodes of different releases
 * speak with each other. The type makes the table complete.
 */
export class Choice<Word extends string> {
  readonly #numbers: Readonly<Record<Word, number>>;
  readonly #words: (Word | undefined)[] = [];

  constructor(numbers: Readonly<Record<Word, number>>) {
    this.#numbers = numbers;
    for (const word in numbers) {
      const number = numbers[word];
      assert(number <= 0xff && this.#words[number] === undefined, 'each word has a number of its own');
      this.#words[number] = word;
    }
  }

  write(writer: ByteWriter, word: Word): void {
    writer.u8(this.#numbers[word]);
  }

  /** The word; a number that has none fails the reader and gives any word. */
  read(reader: ByteReader): Word {
    const number = reader.u8();
    const word = this.#words[number];
    if (word !== undefined) return word;
    reader.fail('malformed');
    return this.#words.find((known) => known !== undefined)!;
  }
}
