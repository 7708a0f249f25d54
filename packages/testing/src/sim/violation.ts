/** Invariants that a lifetime checks, each said in its checker; `assert` is one of the machine's own. */
export const invariantIds = [
  'assert',
  'I1',
  'I3',
  'I4',
  'I5',
  'I6',
  'I7',
  'I8',
  'I11',
  'I12',
  'I13',
  'I14',
  'I15',
  'I16',
  'I17',
  'I18',
  'I19',
  'I20',
  'I21',
  'I22',
  'I23',
  'I24',
  'I25',
  'I26',
  'I28',
  'I29',
  'I30',
  'I31',
  'I32',
  'I33',
  'I34',
  'I35',
  'I36',
  'I37',
  'I38',
  'I39',
  'I40',
  'I41',
  'I42',
] as const;

export type InvariantId = (typeof invariantIds)[number];

/** A promise was broken. Ends the lifetime. */
export class Violation extends Error {
  override readonly name = 'Violation';

  constructor(
    readonly invariant: InvariantId,
    message: string,
    /** More to read, such as a timeline. */
    readonly exhibit: string = '',
  ) {
    super(message);
  }
}
