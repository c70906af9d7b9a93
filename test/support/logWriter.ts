import { closeSync, ftruncateSync, openSync, renameSync, writeSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

/**
 * A program that writes a log as a training run does, in a process of its own: numbered lines at a steady rate, every tenth
 * write in two halves that a moment parts. Twice it renames the file in the middle of a line and goes on in a new one, once
 * it cuts it, when whoever reads has said that all has come.
 *
 * Arguments: the path, the format (`jsonl`, or `csv`, whose files begin with a header), seconds, lines a second. It sends
 * `{ written, cut: true }` in front of the cut, and waits for an answer; `{ written }` at the end.
 */
const [path, format, seconds, rate] = process.argv.slice(2) as [string, string, string, string];
const WRITE_MS = 10;
const HALF_MS = 3;
const writes = (Number(seconds) * 1000) / WRITE_MS;
const linesAWrite = (Number(rate) * WRITE_MS) / 1000;
const at = (share: number): number => Math.round(writes * share);
const [firstTurn, cut, secondTurn] = [at(0.3), at(0.5), at(0.7)];

const line = (n: number): string => (format === 'csv' ? `${n},${n / 8},é\n` : `{"n":${n},"x":${n / 8},"text":"é"}\n`);
const opened = (): number => {
  const fd = openSync(path, 'a');
  if (format === 'csv') writeSync(fd, 'n,x,text\n');
  return fd;
};

let fd = opened();
let written = 0;
const start = performance.now();
for (let i = 0; i < writes; i++) {
  const text = Array.from({ length: linesAWrite }, () => line(written++)).join('');
  const bytes = Buffer.from(text);
  const turns = i === firstTurn || i === secondTurn;
  const half = turns || i % 10 === 0 ? bytes.length - 3 : bytes.length; // between the two bytes of é, in JSON Lines
  writeSync(fd, bytes, 0, half);
  if (half < bytes.length) await wait(HALF_MS);
  if (turns) renameSync(path, `${path}.${i}`);
  if (turns) await wait(HALF_MS);
  writeSync(fd, bytes, half);
  if (turns) {
    closeSync(fd);
    await wait(HALF_MS);
    fd = opened();
  }
  if (i === cut) {
    const answered = new Promise((resolve) => process.once('message', resolve));
    process.send!({ written, cut: true });
    await answered;
    ftruncateSync(fd);
    if (format === 'csv') writeSync(fd, 'n,x,text\n');
  }
  const ahead = start + (i + 1) * WRITE_MS - performance.now();
  if (ahead > 0) await wait(ahead);
}
closeSync(fd);
process.send!({ written });
process.disconnect();
