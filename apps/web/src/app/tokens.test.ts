import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

/** OKLCH to linear sRGB and back to OKLab (Ottosson 2020); colour blindness by Machado et al. 2009, severity 1. */
type Triple = readonly [number, number, number];

function toLinear([lightness, chroma, hue]: Triple): Triple {
  const a = chroma * Math.cos((hue * Math.PI) / 180);
  const b = chroma * Math.sin((hue * Math.PI) / 180);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const clip = (part: number) => Math.min(1, Math.max(0, part));
  return [
    clip(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    clip(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    clip(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}

function toLab([r, g, b]: Triple): Triple {
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

const sights: Readonly<Record<string, readonly [Triple, Triple, Triple]>> = {
  full: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

function seen(colour: Triple, sight: readonly [Triple, Triple, Triple]): Triple {
  const [r, g, b] = toLinear(colour);
  const row = ([x, y, z]: Triple) => Math.max(0, x * r + y * g + z * b);
  return toLab([row(sight[0]), row(sight[1]), row(sight[2])]);
}

function distance(one: Triple, other: Triple): number {
  const each = Object.values(sights).map((sight) => {
    const [l, a, b] = seen(one, sight);
    const [m, c, d] = seen(other, sight);
    return Math.hypot(l - m, a - c, b - d);
  });
  return Math.min(...each);
}

/** WCAG 2.2 contrast ratio. */
function contrast(one: Triple, other: Triple): number {
  const luminance = (colour: Triple) => {
    const [r, g, b] = toLinear(colour);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const [low, high] = [luminance(one), luminance(other)].sort((x, y) => x - y);
  return ((high ?? 0) + 0.05) / ((low ?? 0) + 0.05);
}

const sheet = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8');
const [lightText = '', darkText = ''] = sheet.split('[data-theme="dark"]');

function tokensOf(text: string): ReadonlyMap<string, Triple> {
  const found = text.matchAll(/--([\w-]+): oklch\(([\d.]+) ([\d.]+) ([\d.]+)\);/g);
  return new Map([...found].map(([, name, l, c, h]) => [name ?? '', [Number(l), Number(c), Number(h)]]));
}

describe.each([
  ['light', tokensOf(lightText)],
  ['dark', tokensOf(darkText)],
])('the %s theme', (_theme, tokens) => {
  const token = (name: string): Triple => tokens.get(name) ?? expect.fail(`no token ${name}`);
  const nodeColours = [0, 1, 2, 3, 4, 5, 6, 7].map((slot) => token(`node-${slot}`));

  it.each(['background', 'surface', 'raised', 'sunken'])('keeps text readable on %s', (ground) => {
    for (const ink of ['text', 'muted', 'accent', 'ok', 'warn', 'bad', 'info']) {
      expect(contrast(token(ink), token(ground)), `${ink} on ${ground}`).toBeGreaterThanOrEqual(4.5);
    }
  });

  it.each(['ok', 'warn', 'bad', 'info'])('keeps text readable on the soft ground of %s', (state) => {
    for (const ink of ['text', 'muted', state]) {
      expect(contrast(token(ink), token(`${state}-soft`)), ink).toBeGreaterThanOrEqual(4.5);
    }
    expect(contrast(token('on-accent'), token('accent'))).toBeGreaterThanOrEqual(4.5);
    expect(contrast(token('text'), token('accent-soft'))).toBeGreaterThanOrEqual(4.5);
    expect(contrast(token('muted'), token('accent-soft'))).toBeGreaterThanOrEqual(4.5);
  });

  it('shows every node colour on its ground', () => {
    for (const colour of nodeColours) {
      expect(contrast(colour, token('surface')), String(colour)).toBeGreaterThanOrEqual(3);
    }
  });

  it('keeps the first three nodes far apart, and all eight apart, to every kind of sight', () => {
    nodeColours.forEach((one, at) => {
      nodeColours.slice(0, at).forEach((other, before) => {
        const least = at < 3 ? 0.12 : 0.07;
        expect(distance(one, other), `node-${at} and node-${before}`).toBeGreaterThanOrEqual(least);
      });
    });
  });
});
