import { describe, expect, it } from 'vitest';
import type { NodeId } from '../../base/ids.ts';
import { Timers } from '../../base/timers.ts';
import { CallTable } from '../../coordinator/call-table.ts';
import { keyRef } from '../../ring/key.ts';
import type { PeerMessage } from '../messages.ts';
import { ask } from './ask.ts';

const peer = 'n2' as NodeId;
const ref = keyRef('default', 'k');
const build = (rpc: number) => ({ kind: 'read', rpc, epoch: 1, ref, digest: true }) as const;

function asking(reachable = true) {
  const timers = new Timers();
  const calls = new CallTable(() => reachable);
  const answers: (PeerMessage | null)[] = [];
  ask({ timers, calls }, peer, build, 1000, (reply) => answers.push(reply));
  const pass = (ms: number) => {
    timers.advance(timers.now + ms);
    timers.runDue();
  };
  const reply = () =>
    calls.receive(peer, { kind: 'readReply', rpc: 1, epoch: 1, result: 'ok', record: null, digest: '' });
  return { timers, calls, answers, pass, reply };
}

describe('asking a peer once', () => {
  it('answers with the reply, and with nothing after it', () => {
    const { answers, pass, reply } = asking();
    reply();
    pass(5000);
    expect(answers).toMatchObject([{ kind: 'readReply' }]);
  });

  it('answers null when nothing comes in time, and leaves no call open', () => {
    const { calls, answers, pass, reply } = asking();
    pass(999);
    expect([answers, calls.size]).toEqual([[], 1]);
    pass(1);
    reply();
    expect([answers, calls.size]).toEqual([[null], 0]);
  });

  it('answers null at once when the peer cannot be reached, and leaves no timer', () => {
    const { timers, answers } = asking(false);
    expect([answers, timers.next()]).toEqual([[null], null]);
  });
});
