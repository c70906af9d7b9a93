import { describe, expect, it } from 'vitest';
import { Narrator } from '../../../../src/apps/cli/worker/narrator.js';
import { TerminalLine } from '../../../../src/apps/cli/worker/terminalLine.js';
import type { WorkerState } from '../../../../src/apps/scale/worker.js';
import { aPartition, aState } from './aState.js';

/** A narrator in a time of its own. */
function narrated(terminal: { isTTY?: boolean; columns?: number } = {}) {
  let [now, written] = [0, ''];
  const out = { ...terminal, write: (text: string) => (written += text) };
  const line = new TerminalLine(out);
  const narrator = new Narrator(line, () => now);
  return {
    see: (state: WorkerState) => narrator.see(state),
    /** Looks four times a second, as the command does. */
    pass(ms: number) {
      for (const end = now + ms; now < end;) {
        now += 250;
        narrator.look();
      }
    },
    end: () => line.end(),
    said() {
      const text = written;
      written = '';
      return text;
    },
    lines() {
      return this.said().split('\n').slice(0, -1);
    },
  };
}

const at = (restored: number) => aPartition(0, { status: 'restoring', restored, toRestore: 1000, keys: 0 });
const waiting = (trouble: string) => aState({ status: 'waiting', trouble });

describe('where stderr is no terminal', () => {
  it('a line tells each change, and one a minute how much is done', () => {
    const told = narrated();
    told.see(aState({ status: 'starting', partitions: [] }));
    const restoring = [0, 1, 2, 5].map((n) => aPartition(n, { status: 'restoring', restored: 1, toRestore: 4 }));
    told.see(aState({ status: 'restoring', partitions: restoring }));
    told.see(aState());
    told.see(aState({ rate: 2, messages: 12 }));
    told.see(aState({ partitions: [] }));
    told.see(aState({ partitions: [aPartition(1)] }));
    expect(told.lines()).toEqual([
      'rx-ema: starting',
      'rx-ema: restoring partitions 0-2, 5',
      'rx-ema: running with partitions 0-1',
      'rx-ema: running with no partitions for now',
      'rx-ema: running with partition 1',
    ]);
    told.see(aState({ partitions: [aPartition(1)], messages: 1_234_567, lag: null, deadLetters: 1 }));
    told.pass(59_750);
    expect(told.lines()).toEqual([]);
    told.pass(60_250);
    const summary = 'rx-ema: 1,234 messages/s, lag unknown, 2 keys, 1,234,567 messages, 1 dead letter';
    expect(told.lines()).toEqual([summary, summary]);
  });

  it('a restore tells how far it has come every 10 s', () => {
    const told = narrated();
    told.see(aState({ status: 'restoring', partitions: [at(250)] }));
    told.pass(10_000);
    expect(told.lines()).toEqual([
      'rx-ema: restoring partition 0',
      'rx-ema: restoring partition 0: 25 % of about 1,000 messages',
    ]);
  });

  it('trouble that comes and goes is told once in 30 s, whatever it counts, and what it has come to', () => {
    const told = narrated();
    for (let second = 0; second < 29; second++) {
      told.see(waiting(`127.0.0.1:9092 refused, try ${second}`));
      told.pass(500);
      told.see(aState({ status: 'starting', partitions: [] }));
      told.pass(500);
    }
    expect(told.lines()).toEqual(['rx-ema: waiting: 127.0.0.1:9092 refused, try 0', 'rx-ema: starting']);
    told.see(aState());
    expect(told.lines()).toEqual(['rx-ema: running with partitions 0-1']);
    told.see(waiting('127.0.0.1:9092 refused, try 30'));
    told.pass(2000);
    expect(told.lines()).toEqual(['rx-ema: waiting: 127.0.0.1:9092 refused, try 30']);
    told.see(aState());
    expect(told.lines()).toEqual([]);
    told.pass(28_500);
    expect(told.lines()).toEqual(['rx-ema: running with partitions 0-1']);
  });

  it('other trouble is told at once', () => {
    const told = narrated();
    told.see(waiting('no broker'));
    told.see(waiting('no rights'));
    expect(told.lines()).toEqual(['rx-ema: waiting: no broker', 'rx-ema: waiting: no rights']);
  });
});

describe('in a terminal', () => {
  it('one line is written anew, as long as the terminal is wide, and trouble stays above it', () => {
    const told = narrated({ isTTY: true, columns: 40 });
    told.see(aState());
    const first = 'running with partitions 0-1 | 1,234 mess';
    expect(told.said()).toBe(`\r\u001b[K${first.slice(0, 39)}`);
    told.pass(120_000);
    expect(told.said()).toBe('');
    told.see(waiting('no broker'));
    const second = 'waiting: no broker | 1,234 messages/s, l'.slice(0, 39);
    expect(told.said()).toBe(`\r\u001b[K${second}\r\u001b[Krx-ema: waiting: no broker\n${second}`);
    told.end();
    expect(told.said()).toBe('\r\u001b[K');
  });

  it('a restore shows how far it has come', () => {
    const told = narrated({ isTTY: true, columns: 200 });
    told.see(aState({ status: 'restoring', partitions: [at(250)], messages: 0, rate: 0 }));
    expect(told.said()).toContain('restoring partition 0 | 25 % of about 1,000 messages | 0 messages/s, lag 0, 0 keys');
    told.see(aState({ status: 'restoring', partitions: [at(500)], messages: 0, rate: 0 }));
    told.pass(250);
    expect(told.said()).toContain('| 50 % of about 1,000 messages |');
  });
});
