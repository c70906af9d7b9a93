import { describe, expect, it } from 'vitest';
import { FIRST_VIEW, withChart, type View } from '../../../../src/apps/dashboard/page/view.js';
import { decodeView, encodeView } from '../../../../src/apps/dashboard/page/viewInUrl.js';

const HARD = '<img src=x onerror=1>&a=b;c:d#e%20+ü/🙂,__proto__';

const FULL: View = {
  smoothing: { scale: 'span', value: 20.5 },
  corrected: false,
  band: true,
  axis: 'relative',
  logX: true,
  logY: true,
  metrics: { text: '^train/(loss|acc)', pattern: true },
  runs: { text: HARD, pattern: false },
  hidden: new Set([HARD, 'b']),
  solo: 'c',
  colors: new Map([[HARD, '#12ab34']]),
  names: new Map([[HARD, `name ${HARD}`]]),
  closed: new Set(['', 'train']),
  charts: new Map([
    [HARD, { smoothing: { scale: 'decay', value: 0.99 }, logX: false, logY: true, x: [-1.5, 2e-7], y: [0, 1e9] }],
    ['loss', { pins: [1, 2.5], wide: true }],
  ]),
};

describe('a view in the address', () => {
  it('is empty where nothing was chosen', () => {
    expect(encodeView(FIRST_VIEW)).toBe('');
    expect(encodeView({ ...FIRST_VIEW, metrics: { text: '', pattern: true } })).toBe('');
    expect(decodeView('')).toEqual(FIRST_VIEW);
  });

  it('comes back as it was, names of any kind too', () => {
    expect(decodeView(`#${encodeView(FULL)}`)).toEqual(FULL);
  });

  it('can be read', () => {
    const view = withChart({ ...FIRST_VIEW, smoothing: { scale: 'halfLife', value: 50 }, axis: 'wall' }, 'val/loss', {
      logY: true,
      x: [10, 20],
    });
    expect(encodeView(view)).toBe('smooth=half-life:50&axis=wall&chart.val/loss=log-y:on;x:10,20');
  });

  it.each([
    'smooth=half-life:much',
    'smooth=half-life:-1&axis=moon&band=maybe',
    'smooth=decay:1',
    'smooth=loudness:3',
    'color.a=red&color.b=%23zzzzzz',
    'chart.loss=x:2,1;y:a,b;pins:,,x;smooth:decay:7;log-x:perhaps',
    '&&&===&=&%E0%A4%A&unknown=1',
    'smooth&axis&chart.loss',
  ])('that is broken is as at first where it is: %s', (hash) => {
    const view = decodeView(`#${hash}`);
    expect({ ...view, charts: [...view.charts.values()].filter((one) => Object.keys(one).length > 0) }).toEqual({
      ...FIRST_VIEW,
      charts: [],
    });
  });
});
