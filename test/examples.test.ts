import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ROOT } from './support/workspace.js';

const folder = join(ROOT, 'examples');
const examples = readdirSync(folder).filter((file) => /^\d\d-.*\.ts$/.test(file));

/** Lines that an example has to print, in this order. Those of 07, 09 and 10 agree with pandas 3.1.1 and polars 2.1.0. */
const LINES: Readonly<Record<string, readonly string[]>> = {
  '01-numbers.ts': ['   26.5 -> 22.234', '    NaN -> NaN', 'corrected  20.0  20.2  20.0  22.2  21.6  NaN  21.2  21.0'],
  '02-training-metrics.ts': [
    '  200 |     NaN      NaN |     null      null',
    '  600 |   0.001    0.004 |    1.000     1.000',
  ],
  '03-tensors.ts': ['tensors left at the end: 0'],
  '04-arrow.ts': ['      null       0.00       XPAR       null      91.84'],
  '05-model-weights.ts': ['truth       2.000, -3.000 | 1.000'],
  '06-resume.ts': ['resumed: true that all 40 values are the same bits'],
  '07-irregular-time.ts': [
    '09:33  -12.40 |  -14.53  -16.81  -17.91  -17.30',
    '09:20  -18.00 |    late    late    late    late',
    '11:00  -18.20 |  -16.89  -17.96  -17.62  -17.82',
    'left out as late: 1, 1, 1, 1',
    '14:00   read |  -16.89  -17.96  -18.19  -17.82',
  ],
  '08-keys.ts': [
    '0:03 NOVA   98.00  4000 |  98.12 a block',
    '0:05 ORCA   40.40   500 |  40.21',
    '0:20 NOVA   49.70   200 |  49.70 split 2:1',
    '1:30 ORCA   43.00   100 |  43.00 after a pause',
    'keys forgotten because nothing came: 2',
    "TOO_MANY_KEYS: by must give at most 3 keys, got 'RAYS' besides",
  ],
  '09-arrow-file.ts': [
    'wrote 6 batches, 600 rows, 22424 bytes',
    '   10 |  1.1288   1.5973 |  0.6875   0.4566',
    '  200 |     NaN      NaN |    null     null',
    '  600 |  0.0007   0.0039 |  1.0000   0.9996',
  ],
  '10-bollinger.ts': [
    '  16  102.52 |                                     o',
    '  20  102.72 |                            (      :  o  )',
    '  66   98.78 |                          x(                  :                  )',
    '  67   94.38 |            x  (                           :                          )',
    ' 100  100.36 |                   (         :o         )',
  ],
  '11-swap-and-evaluate.ts': ['an evaluation that breaks off: the model has its own weights again: true'],
  '12-resume-training.ts': [
    '  goes on at step 50',
    '  goes on at step 250',
    'the same numbers as without an end: true',
  ],
  '13-post-hoc.ts': ['44 snapshots of two tracks; accuracy on the test digits, from 80 % on'],
  '14-average-checkpoints.ts': [
    '4.weight                [16, 8, 3, 3]  F32  |       5.4e-4         1.3e-3',
    '8.weight                [10, 256]      F32  |       4.9e-4         1.1e-3',
  ],
  '15-follow-a-log.ts': [
    '{"step":2,"loss":3,"smooth":3.414213562373095}',
    '{"step":3,"loss":null,"smooth":null}',
    '{"step":6,"loss":1,"smooth":1.947896010027427}',
    'lines left out: 1',
  ],
  '16-dashboard.ts': [
    'the page is served to browsers of this machine: true',
    'closed: nothing is left that keeps the program running',
  ],
};

describe('the examples', () => {
  it('are numbered without a gap', () => {
    expect(examples.length).toBeGreaterThanOrEqual(16);
    expect(examples.map((file) => Number(file.slice(0, 2)))).toEqual(examples.map((_, i) => i + 1));
  });

  it.each(examples)('%s is under 60 lines', (file) => {
    expect(readFileSync(join(folder, file), 'utf8').trimEnd().split('\n').length).toBeLessThan(60);
  });

  it.concurrent.each(examples)('%s runs to its end and prints something worth reading', async (file) => {
    const args = ['--import', 'tsx', `examples/${file}`];
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { cwd: ROOT }); // rejects if it exits with 1
    expect(stdout.trim().split('\n').length).toBeGreaterThanOrEqual(3);
    expect(stdout).not.toMatch(/\bundefined\b|\[object Object\]/);
    expect(stderr).toBe('');
    const printed = stdout.split('\n').map((line) => line.trimEnd());
    const promised = LINES[file]!;
    expect(printed.filter((line) => promised.includes(line))).toEqual(promised);
  });
});
