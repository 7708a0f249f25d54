import { describe, expect, it } from 'vitest';
import type { NodeId } from '../base/ids.ts';
import { limits } from '../base/limits.ts';
import { Timers } from '../base/timers.ts';
import { type CommandAnswer, CommandDesk } from './command-desk.ts';
import { ruleOn } from './operation-list.ts';
import { planDone, planFirst, planJoin } from './plan.ts';
import { Ring } from './ring.ts';
import type { RingDoc } from './ring-doc.ts';
import type { RingCommand } from './ring-operation.ts';

const node = (name: string) => ({ nodeId: name as NodeId, zone: 'z', weight: 1 });
const one = planFirst('0123456789abcdef', node('a'), 1);
const two = planDone(planJoin(one, node('b'))!)!;
const drain: RingCommand = {
  kind: 'begin',
  id: 'leave',
  aim: { kind: 'drain', nodeId: 'b' as NodeId },
  plan: '',
  force: false,
};

function desk() {
  const timers = new Timers();
  const state = { doc: two as RingDoc };
  const asked: RingCommand[] = [];
  const answers: CommandAnswer[] = [];
  const made = new CommandDesk({
    timers,
    ring: () => new Ring(state.doc),
    ask: (command) => asked.push(command),
  });
  const pass = (ms: number) => {
    for (let i = 0; i < ms; i += 100) {
      timers.advance(timers.now + 100);
      timers.runDue();
    }
  };
  const run = (command: RingCommand, withinMs = 3000) =>
    made.run(command, timers.now + withinMs, (answer) => answers.push(answer));
  const grant = (command: RingCommand) => {
    const ruling = ruleOn(state.doc, command);
    if (ruling.type !== 'next') throw new Error(ruling.type);
    state.doc = ruling.doc;
    made.ringChanged();
  };
  return { made, asked, answers, run, grant, pass };
}

describe('a command about the ring', () => {
  it('is asked for again until a ring grants it', () => {
    const { asked, answers, run, grant, pass } = desk();
    run(drain);
    pass(1000);
    expect([asked.length, answers.length]).toEqual([3, 0]);
    grant(drain);
    expect(answers).toMatchObject([{ kind: 'granted', operation: { id: 'leave', state: 'running' } }]);
    pass(2000);
    expect([asked.length, answers.length]).toEqual([3, 1]);
  });

  it('is answered at once where the ring has granted it before', () => {
    const { asked, answers, run, grant } = desk();
    grant(drain);
    run(drain);
    expect([asked, answers.map(({ kind }) => kind)]).toEqual([[], ['granted']]);
  });

  it('ends with a refusal of this very command, or undecided at its deadline', () => {
    const { made, answers, run, pass } = desk();
    run(drain);
    made.refused('leave', 'abort', 'ended');
    made.refused('other', 'begin', 'noRoom');
    expect(answers).toEqual([]);
    made.refused('leave', 'begin', 'nodeUnreachable');
    expect(answers).toEqual([{ kind: 'refused', refusal: 'nodeUnreachable' }]);
    run({ ...drain, id: 'again' });
    pass(3000);
    expect(answers.at(-1)).toEqual({ kind: 'undecided' });
  });

  it('is asked for again where an owner does not know the operation that the ring here lists', () => {
    const { made, answers, run, grant } = desk();
    const abort = { kind: 'abort', id: 'leave' } as const;
    grant(drain);
    run(abort);
    made.refused('leave', 'abort', 'unknownOperation');
    expect(answers).toEqual([]);
    grant(abort);
    expect(answers.map(({ kind }) => kind)).toEqual(['granted']);
    run({ kind: 'abort', id: 'nobody' });
    made.refused('nobody', 'abort', 'unknownOperation');
    expect(answers.at(-1)).toEqual({ kind: 'refused', refusal: 'unknownOperation' });
  });

  it('is refused over the bound (limits.ringCommandsMax)', () => {
    const { answers, run, pass } = desk();
    for (let i = 0; i < limits.ringCommandsMax; i++) run({ ...drain, id: `op-${i}` });
    expect(answers).toEqual([]);
    run({ ...drain, id: 'one-more' });
    expect(answers).toEqual([{ kind: 'refused', refusal: 'queueFull' }]);
    pass(3000);
    run({ ...drain, id: 'later' });
    expect(answers.filter(({ kind }) => kind === 'refused')).toHaveLength(1);
  });
});
