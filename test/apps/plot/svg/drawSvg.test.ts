import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { drawSvg, type Drawing } from '../../../../src/apps/plot/svg/drawSvg.js';
import type { Figure } from '../../../../src/apps/plot/figure.js';
import { describeWith, type Need } from '../../../support/need.js';
import { figureFrom, runColumn, seriesOf } from '../support/figures.js';

const python: Need<string> = {
  name: 'Python 3',
  remedy: 'Put `python3` on the PATH.',
  find() {
    try {
      execFileSync('python3', ['--version'], { stdio: 'ignore' });
      return 'python3';
    } catch {
      return null;
    }
  },
};

/** Parses strictly, and prints each element as a line of JSON: name, attributes, text. */
const PARSE = `
import json, sys
import xml.etree.ElementTree as tree
for one in tree.fromstring(sys.stdin.buffer.read()).iter():
    print(json.dumps([one.tag.removeprefix('{http://www.w3.org/2000/svg}'), one.attrib, one.text]))
`;

interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly text: string | null;
}

const drawing: Drawing = { width: 900, theme: 'light' };
const loss = runColumn('loss');

/** A path's points. */
const pointsOf = (d: string): [x: number, y: number][] =>
  [...d.matchAll(/[ML](-?[\d.]+),(-?[\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)]);

const textsOf = (elements: readonly Element[]): (string | null)[] =>
  elements.filter(({ name }) => name === 'text').map(({ text }) => text);
const lines = (elements: readonly Element[], width: string): Element[] =>
  elements.filter(({ name, attributes }) => name === 'path' && attributes['stroke-width'] === width);

describeWith(python, 'a figure as SVG', (python3) => {
  function drawn(figure: Figure, options: Partial<Drawing> = {}): Element[] {
    const printed = execFileSync(python3, ['-c', PARSE], {
      input: drawSvg(figure, { ...drawing, ...options }),
      encoding: 'utf8',
    });
    return printed
      .trimEnd()
      .split('\n')
      .map((line) => {
        const [name, attributes, text] = JSON.parse(line) as [string, Record<string, string>, string | null];
        return { name, attributes, text };
      });
  }
  it('is a document with a size, a title, a description and text that stays text', () => {
    const elements = drawn(figureFrom([seriesOf('run', 'loss', loss)]));
    const [svg, title, desc] = elements;
    expect(svg!.attributes).toMatchObject({ width: '900', height: '500', viewBox: '0 0 900 500', role: 'img' });
    expect([title!.name, title!.text]).toEqual(['title', 'a run']);
    expect([desc!.name, desc!.text]).toEqual([
      'desc',
      'loss of run; over step. smoothed: half-life 20 values, bias-corrected · × NaN.',
    ]);
    expect(textsOf(elements)).toEqual(expect.arrayContaining(['a run', 'loss', 'step', '100', '600', '0.5', '2.5']));
  });

  it('draws raw faint and smoothed bold in one colour, unbroken by NaN, which is a mark where it happened', () => {
    const elements = drawn(figureFrom([seriesOf('run', 'loss', loss)]));
    const [raw, ...others] = lines(elements, '1');
    const [smooth] = lines(elements, '2');
    expect(others).toEqual([]);
    expect(Number(raw!.attributes['stroke-opacity'])).toBeLessThan(0.5);
    expect(smooth!.attributes['stroke']).toBe(raw!.attributes['stroke']);
    for (const { attributes } of [raw!, smooth!]) expect(attributes['d']!.match(/M/g)).toHaveLength(1);
    const [mark, ...more] = lines(elements, '1.5');
    expect(more).toHaveLength(1);
    const at = Number(/translate\(([\d.]+)/.exec(mark!.attributes['transform']!)![1]);
    const [first, last] = [pointsOf(raw!.attributes['d']!)[0]![0], pointsOf(raw!.attributes['d']!).at(-1)![0]];
    expect(at).toBeCloseTo(first + ((last - first) * 199) / 599, 0);
  });

  it('has no more marks than pixels', () => {
    const elements = drawn(figureFrom([seriesOf('run', 'loss', new Float64Array(1e5).fill(NaN))]));
    const marks = lines(elements, '1.5').length;
    expect(marks).toBeGreaterThan(800);
    expect(marks).toBeLessThan(900);
  });

  it('says where infinities happened: above and below', () => {
    const elements = drawn(figureFrom([seriesOf('run', 'loss', [1, Infinity, 2, -Infinity, 3])]));
    const places = elements.flatMap(({ attributes }) => attributes['transform'] ?? []);
    expect(places).toHaveLength(2);
    expect(Number(places[0]!.split(/[ )]/)[1])).toBeLessThan(100);
    expect(places[1]).toContain('rotate(180)');
  });

  it('keeps a spike among a million points, in a picture of few', () => {
    const values = Float64Array.from({ length: 1_000_000 }, (_, i) => (i === 700_000 ? 100 : Math.sin(i / 1e5)));
    const figure = figureFrom([seriesOf('run', 'loss', values)]);
    const points = pointsOf(lines(drawn(figure), '1')[0]!.attributes['d']!);
    expect(points.length).toBeLessThan(4 * 900);
    const top = Math.min(...points.map(([, y]) => y));
    const [x] = points.find(([, y]) => y === top)!;
    const [left, right] = [points[0]![0], points.at(-1)![0]];
    expect((x - left) / (right - left)).toBeCloseTo(0.7, 2);
  });

  it('has a legend when there are several curves, and a panel for each metric', () => {
    const series = ['a', 'b'].flatMap((run) =>
      ['loss', 'accuracy', 'lr'].map((name) => seriesOf(run, name, runColumn(name))),
    );
    const elements = drawn(figureFrom(series));
    const texts = textsOf(elements);
    expect(texts.slice(0, 4)).toEqual(['a run', 'smoothed: half-life 20 values, bias-corrected · × NaN', 'a', 'b']);
    for (const name of ['loss', 'accuracy', 'lr']) expect(texts).toContain(name);
    expect(elements.filter(({ name }) => name === 'clipPath')).toHaveLength(3);
    expect(new Set(lines(elements, '2').map(({ attributes }) => attributes['stroke'])).size).toBe(2);
    expect(texts.filter((text) => text === 'step')).toHaveLength(2); // below each column
  });

  it('tells more curves apart than there are colours', () => {
    const series = Array.from({ length: 20 }, (_, i) => seriesOf(`run ${i}`, 'loss', [i, i + 1]));
    const strokes = lines(drawn(figureFrom(series)), '2').map(
      ({ attributes }) => `${attributes['stroke']} ${attributes['stroke-dasharray']}`,
    );
    expect(new Set(strokes).size).toBe(20);
  });

  it('leaves room for the curves, however many names there are', () => {
    const series = Array.from({ length: 200 }, (_, i) => seriesOf(`a run with the number ${i}`, 'loss', [i, i + 1]));
    const elements = drawn(figureFrom(series), { height: 400 });
    expect(textsOf(elements)).toContainEqual(expect.stringMatching(/^… and \d+ more$/));
    const clip = elements.find(({ name, attributes }) => name === 'rect' && attributes['x'] !== undefined)!;
    expect(Number(clip.attributes['height'])).toBeGreaterThan(150);
    const whole = drawn(figureFrom(series));
    expect(textsOf(whole)).toContain('a run with the number 199');
    expect(Number(whole[0]!.attributes['height'])).toBeGreaterThan(800);
  });

  it('is as large as it should be, and its curves stay inside', () => {
    const elements = drawn(figureFrom([seriesOf('run', 'loss', loss)], { band: true }), { width: 400, height: 240 });
    expect(elements[0]!.attributes).toMatchObject({ width: '400', height: '240' });
    for (const width of ['1', '2']) {
      for (const [x, y] of pointsOf(lines(elements, width)[0]!.attributes['d']!)) {
        expect(x).toBeGreaterThan(0);
        expect(x).toBeLessThanOrEqual(400);
        expect(y).toBeGreaterThan(0);
        expect(y).toBeLessThan(240);
      }
    }
    expect(elements.some(({ attributes }) => attributes['fill-opacity'] !== undefined)).toBe(true);
  });

  it('has logarithmic axes, where what is not above zero has no place', () => {
    const values = Array.from({ length: 1000 }, (_, i) => (i === 500 ? -1 : 1000 / (i + 1)));
    const elements = drawn(figureFrom([seriesOf('run', 'loss', values)], { logX: true, logY: true }));
    expect(textsOf(elements)).toEqual(expect.arrayContaining(['1', '10', '100', '1000']));
    for (const width of ['1', '2']) expect(lines(elements, width)[0]!.attributes['d']).not.toContain('NaN');
  });

  it('writes moments in UTC', () => {
    const elements = drawn(figureFrom([seriesOf('run', 'loss', loss)], { x: 'wall' }));
    expect(textsOf(elements)).toEqual(expect.arrayContaining(['01:48', '01:56', 'time (UTC)']));
  });

  it.each([3, 10, 50, 90, 200, 1000])('writes moments of %i hours apart from each other', (hours) => {
    const at = Date.UTC(2026, 10, 23, 10);
    const series = Array.from({ length: 9 }, (_, i) => ({
      ...seriesOf('run', `metric ${i}`, [1, 2]),
      atMs: Float64Array.of(at, at + 3_600_000 * hours),
    }));
    const elements = drawn(figureFrom(series, { x: 'wall' }));
    const labels = elements.filter(({ name, attributes }) => name === 'text' && attributes['text-anchor'] === 'middle');
    const first = labels.filter(
      ({ attributes, text }) => attributes['y'] === labels[0]!.attributes['y'] && text !== '',
    );
    const ends = first.map(({ attributes, text }) => {
      const [middle, half] = [Number(attributes['x']), (text!.length * 11 * 0.55) / 2];
      return [middle - half, middle + half] as const;
    });
    expect(ends.length).toBeGreaterThan(3);
    for (const [i, [left]] of ends.entries()) if (i > 0) expect(left).toBeGreaterThan(ends[i - 1]![1]);
  });

  it('escapes every name', () => {
    const evil = `<script>alert("1" & '2')</script>]]>\u0000\u001B[31m\uD800 ${'x'.repeat(300)}`;
    const elements = drawn(figureFrom([seriesOf(evil, evil, [1, 2]), seriesOf('b', evil, [1, 2])], { title: evil }));
    const shown = `<script>alert("1" & '2')</script>]]>\uFFFD\uFFFD[31m\uFFFD ${'x'.repeat(300)}`;
    expect(elements.filter(({ name }) => name === 'script')).toEqual([]);
    expect(elements[1]!.text).toBe(shown);
    const whole = elements.filter(({ name, text }) => name === 'title' && text === shown);
    expect(whole).toHaveLength(4); // of the picture, and of what is cut: title, legend, panel
  });

  it('draws what is nearly nothing: one value, one that never changes, none that is finite', () => {
    const series = [
      seriesOf('run', 'one', [5]),
      seriesOf('run', 'constant', [0, 0, 0]),
      seriesOf('run', 'none', [NaN, NaN]),
    ];
    const elements = drawn(figureFrom(series));
    expect(
      elements.flatMap(({ attributes }) => Object.values(attributes)).filter((value) => /NaN|Infinity/.test(value)),
    ).toEqual([]);
    expect(lines(elements, '2').map(({ attributes }) => (attributes['d'] ?? '') !== '')).toEqual([true, true, false]);
  });

  it.each([
    ['light', '#ffffff'],
    ['dark', '#0d1117'],
  ] as const)('has a %s theme', (theme, background) => {
    const elements = drawn(figureFrom([seriesOf('run', 'loss', loss)]), { theme });
    expect(elements.find(({ name }) => name === 'rect')!.attributes['fill']).toBe(background);
  });
});

describe('the colours', () => {
  it.each(['light', 'dark'] as const)('are those of Okabe and Ito, all different (%s)', async (theme) => {
    const { LOOKS } = await import('../../../../src/apps/plot/palette.js');
    const palette = ['#000000', '#ffffff', '#e69f00', '#56b4e9', '#009e73', '#f0e442', '#0072b2', '#d55e00', '#cc79a7'];
    const { colours } = LOOKS[theme];
    expect(new Set(colours).size).toBe(colours.length);
    for (const colour of colours) expect(palette).toContain(colour);
  });
});
