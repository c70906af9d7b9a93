import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { drawTerminal } from '../../../../src/apps/plot/terminal/drawTerminal.js';
import { figureFrom, runColumn, seriesOf } from '../support/figures.js';

const loss = runColumn('loss');
const plain = { columns: 80, colour: false };
const RUN = `
a run
smoothed: half-life 20 values, bias-corrected · × NaN · numbers: last, smoothed

loss  0.003877
2.5 │⡄
    │⢱
    │⢸
  2 │⠘⡄
    │ ⡇
    │ ⢇
1.5 │ ⢸
    │ ⠘⡄
    │  ⡇
  1 │  ⢸
    │   ⢣
    │    ⢧
0.5 │     ⠑⠦⣄
    │        ⠑⠢⣀
    │          ⠈⠉⠋⠚⠒⠋⠒⠒⠤⠤⣤⣤⣄⣀⣀⣀⣀⣀⡀
  0 │                         ×⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠙⠒⠚⠛⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒
    └───────────────────────────────────────────────────────────────────────────
                100         200          300         400          500       step
`;

const coloured = { columns: 80, colour: true };

describe('a figure in the terminal', () => {
  it('is smoothed lines on axes, 80 characters wide, without colours', () => {
    expect(`\n${drawTerminal(figureFrom([seriesOf('run', 'loss', loss)]), plain)}`).toBe(RUN);
  });

  it.each([20, 57, 80, 203])('is never wider than %i characters', (columns) => {
    const series = ['a', 'b', 'c'].flatMap((run) =>
      ['loss', 'accuracy'].map((name) => seriesOf(`${run}-${'x'.repeat(9)}`, name, runColumn(name))),
    );
    const lines = drawTerminal(figureFrom(series), { columns, colour: true }).split('\n').slice(2);
    expect(lines.length).toBeGreaterThan(20);
    for (const line of lines) expect(stripVTControlCharacters(line).length).toBeLessThanOrEqual(columns);
  });

  it('has raw values dim and smoothed ones bright where there are colours', () => {
    const drawn = drawTerminal(figureFrom([seriesOf('run', 'loss', loss)]), coloured);
    expect(drawn).toContain('\u001B[2m\u001B[36m⢸');
    expect(drawn).toContain('│\u001B[36m⡄');
    expect(drawTerminal(figureFrom([seriesOf('run', 'loss', loss)]), plain)).not.toContain('\u001B');
  });

  it('names curves in their colours, with the value that they have come to', () => {
    const drawn = drawTerminal(
      figureFrom([seriesOf('a', 'loss', [3, 3]), seriesOf('b', 'loss', [-4, -4, NaN])]),
      coloured,
    );
    expect(drawn).toContain('\u001B[36ma 3\u001B[39m  \u001B[33mb -4\u001B[39m');
  });

  it('marks NaN and infinities where they happened', () => {
    const values = Array.from({ length: 100 }, (_, i) => ({ 20: NaN, 50: Infinity, 80: -Infinity })[i] ?? i);
    const lines = drawTerminal(figureFrom([seriesOf('run', 'loss', values)]), plain)
      .split('\n')
      .slice(4, 20);
    expect(lines[0]).toContain('▲');
    expect(lines.at(-1)).toMatch(/×.*▼/);
    expect(lines.at(-1)!.indexOf('×')).toBeLessThan(lines[0]!.indexOf('▲'));
  });

  it('lets no name steer the terminal', () => {
    const evil = 'a\u001B]0;title\u0007\u202Eb\nc';
    const drawn = drawTerminal(
      figureFrom([seriesOf(evil, evil, [1]), seriesOf('b', evil, [2])], { title: evil }),
      plain,
    );
    expect(drawn.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
    expect(drawn).toContain('a\uFFFD]0;title\uFFFD\uFFFDb\uFFFDc');
  });

  it('gives many metrics less height', () => {
    const many = Array.from({ length: 5 }, (_, i) => seriesOf('run', `metric ${i}`, loss));
    expect(drawTerminal(figureFrom(many), plain).split('\n')).toHaveLength(2 + 5 * (1 + 1 + 6 + 2) + 1);
  });

  it('draws what is nearly nothing', () => {
    const drawn = drawTerminal(figureFrom([seriesOf('run', 'one', [5]), seriesOf('run', 'none', [NaN])]), plain);
    expect(drawn).toContain('one  5');
    expect(drawn).toContain('none  -');
  });
});
