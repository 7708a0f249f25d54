/**
 * Figures as the console prints them: always with a unit, three significant figures, never an exponent.
 * A figure that was not measured is a dash, which is not a zero.
 */
export interface Quantity {
  readonly figure: string;
  /** Empty for plain counts. */
  readonly unit: string;
}

/** What stands for a figure that nobody measured. */
export const notMeasured: Quantity = { figure: '–', unit: '' };

interface Scale {
  readonly unit: string;
  /** The unit is used from this value on. */
  readonly from: number;
  readonly divisor: number;
}

const counts: readonly Scale[] = [
  { unit: 'G', from: 1e9, divisor: 1e9 },
  { unit: 'M', from: 1e6, divisor: 1e6 },
  { unit: 'k', from: 1e4, divisor: 1e3 },
];

const bytes: readonly Scale[] = [
  { unit: 'TiB', from: 2 ** 40, divisor: 2 ** 40 },
  { unit: 'GiB', from: 2 ** 30, divisor: 2 ** 30 },
  { unit: 'MiB', from: 2 ** 20, divisor: 2 ** 20 },
  { unit: 'KiB', from: 2 ** 10, divisor: 2 ** 10 },
  { unit: 'B', from: 0, divisor: 1 },
];

const microseconds: readonly Scale[] = [
  { unit: 'min', from: 120e6, divisor: 60e6 },
  { unit: 's', from: 1e6, divisor: 1e6 },
  { unit: 'ms', from: 1e3, divisor: 1e3 },
  { unit: 'µs', from: 0, divisor: 1 },
];

const decimalsMax = 6;

/** Kept, because making a formatter costs a hundred times what using one does. By number of decimals. */
const formatters = Array.from(
  { length: decimalsMax + 1 },
  (_, decimals) =>
    new Intl.NumberFormat('en-GB', { minimumFractionDigits: decimals, maximumFractionDigits: decimals }),
);

function withDecimals(value: number, decimals: number): string {
  return formatters[Math.min(decimals, decimalsMax)]?.format(value) ?? String(value);
}

/** A whole number with its thousands set apart. */
export function wholeText(value: number): string {
  return withDecimals(Math.round(value), 0);
}

/** Three significant figures, without an exponent and without trailing rubbish: 1234 → `1,230`, 0.01234 → `0.0123`. */
export function significant(value: number, digits = 3): string {
  if (value === 0 || !Number.isFinite(value)) return '0';
  const rounded = Number(value.toPrecision(digits));
  return withDecimals(rounded, Math.max(0, digits - 1 - Math.floor(Math.log10(Math.abs(rounded)))));
}

function scaled(value: number, scales: readonly Scale[]): Quantity | null {
  // Rounding may carry a value into the next unit: 1 023.9 KiB is printed as 1.00 MiB.
  const rounded = Number(value.toPrecision(3));
  const scale = scales.find((candidate) => rounded >= candidate.from);
  return scale === undefined ? null : { figure: significant(value / scale.divisor), unit: scale.unit };
}

/** Things that are counted: exact below ten thousand, then three figures. */
export function formatCount(value: number | null): Quantity {
  if (value === null) return notMeasured;
  const exact = { figure: wholeText(value), unit: '' };
  return Math.round(value) < 10_000 ? exact : (scaled(value, counts) ?? exact);
}

/** A rate per second. */
export function formatRate(perSecond: number | null): Quantity {
  if (perSecond === null) return notMeasured;
  const scale = scaled(perSecond, counts);
  if (scale !== null) return { figure: scale.figure, unit: `${scale.unit}/s` };
  return { figure: significant(perSecond), unit: '/s' };
}

/** Bytes, in powers of 1024. */
export function formatBytes(value: number | null): Quantity {
  if (value === null) return notMeasured;
  const quantity = scaled(value, bytes) ?? { figure: '0', unit: 'B' };
  return quantity.unit === 'B' ? { figure: String(Math.round(value)), unit: 'B' } : quantity;
}

/** A length of time given in microseconds. */
export function formatMicros(value: number | null): Quantity {
  if (value === null) return notMeasured;
  const quantity = scaled(value, microseconds) ?? { figure: '0', unit: 'µs' };
  return quantity.unit === 'µs' ? { figure: String(Math.round(value)), unit: 'µs' } : quantity;
}

/** A length of time given in milliseconds. */
export function formatMillis(value: number | null): Quantity {
  return formatMicros(value === null ? null : value * 1000);
}

/** A share of one, as a percentage. */
export function formatShare(value: number | null): Quantity {
  return value === null ? notMeasured : { figure: significant(value * 100), unit: '%' };
}

/** A plain ratio, such as max to mean. */
export function formatRatio(value: number | null): Quantity {
  return value === null ? notMeasured : { figure: significant(value), unit: '×' };
}

/** The quantity as one string, with a narrow no-break space before the unit. */
export function textOf(quantity: Quantity): string {
  return quantity.unit === '' ? quantity.figure : `${quantity.figure}\u202f${quantity.unit}`;
}
