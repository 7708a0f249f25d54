/** Every kind of fault the simulator strikes with, by name. One kind is one row of the swarm's report. */
export const faultKinds = [
  'partition.split',
  'partition.isolate',
  'partition.bridge',
  'partition.oneWay',
  'partition.oneWayPair',
  'partition.ring',
  'net.clog',
  'net.swizzle',
  'net.lossBurst',
  'net.reset',
  'net.halfOpen',
  'process.kill',
  'process.killInBoot',
  'process.pause',
  'process.restart',
  'process.rollingRestart',
  'process.move',
  'power.one',
  'power.all',
  'disk.slow',
  'disk.error',
  'disk.corruptRow',
  'disk.loseHistory',
  'disk.full',
  'disk.wipe',
  'clock.jump',
  'clock.freeze',
  'operator.join',
  'operator.drain',
  'operator.interfere',
  'operator.change',
] as const;

export type FaultKind = (typeof faultKinds)[number];

/** Kinds that look first whether they may strike: only as a whole can they be done again. */
export const withinBudget: ReadonlySet<FaultKind> = new Set([
  'disk.corruptRow',
  'disk.loseHistory',
  'disk.wipe',
  'process.move',
  'operator.join',
  'operator.drain',
  'operator.interfere',
  'operator.change',
]);
