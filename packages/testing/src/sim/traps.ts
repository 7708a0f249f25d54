/**
 * Nothing the machine does may depend on anything but its inputs. The type-checker keeps platform globals out of core;
 * these traps catch what it cannot see (a dependency, a cast): while a step runs, calling one of them throws.
 */

let stepping = false;
let installed = false;

/** Runs one step of a machine with the traps armed. Not re-entrant: a machine never steps another. */
export function duringStep<T>(run: () => T): T {
  stepping = true;
  try {
    return run();
  } finally {
    stepping = false;
  }
}

/** Replaces the platform's clocks, timers and dice by ones that throw inside `duringStep`. Once per process. */
export function installTraps(): void {
  if (installed) return;
  installed = true;
  trap(Date, 'now');
  trap(Math, 'random');
  trap(performance, 'now');
  trap(crypto, 'getRandomValues');
  trap(crypto, 'randomUUID');
  for (const name of ['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'fetch'])
    trap(globalThis, name);
  trapConstructor('Date');
}

function forbid(name: string): void {
  if (!stepping) return;
  stepping = false;
  throw new Error(`${name} was called inside step: the machine must depend on its inputs alone`);
}

function trap(owner: object, name: string): void {
  const original: unknown = Reflect.get(owner, name);
  if (typeof original !== 'function') return;
  const replacement = (...args: unknown[]): unknown => {
    forbid(name);
    return Reflect.apply(original, owner, args);
  };
  Object.defineProperty(owner, name, { value: replacement, configurable: true, writable: true });
}

function trapConstructor(name: 'Date'): void {
  globalThis[name] = new Proxy(globalThis[name], {
    construct(target, args, newTarget) {
      forbid(`new ${name}`);
      return Reflect.construct(target, args, newTarget) as object;
    },
  });
}
