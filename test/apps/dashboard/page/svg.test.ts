import { describe, expect, it } from 'vitest';
import type { Line } from '../../../../src/apps/dashboard/page/contract.js';
import { INKS } from '../../../../src/apps/dashboard/page/palette.js';
import type { Scene } from '../../../../src/apps/dashboard/page/scene.js';
import { svgOf } from '../../../../src/apps/dashboard/page/svg.js';

const line = (...y: number[]): Line => ({ x: Float64Array.from(y, (_, i) => i), y: Float64Array.from(y) });
const scene: Scene = {
  chart: {
    chart: 'loss',
    extent: [0, 3],
    curves: [
      {
        curve: 7,
        raw: line(1, 3, 2, 4),
        smooth: line(1, 2, 2, 3),
        band: [line(0, 1, 1, 2), line(2, 3, 3, 4)],
        gaps: { x: Float64Array.of(1, 2), y: Float64Array.of(NaN, Infinity) },
        leftOut: 0,
      },
    ],
  },
  axis: 'step',
  x: [0, 3],
  y: [0, 4],
  logX: false,
  logY: false,
  styles: new Map([[7, { name: '<img src=x>', color: '#0072b2', dash: [7, 3] }]]),
  ink: INKS.light,
  plain: false,
  focus: null,
};

describe('a chart as SVG', () => {
  it('shows the title, axes, raw and smoothed line, band, marks and which run is which', () => {
    const svg = svgOf('train/loss', scene);
    expect(svg).toMatch(/^<svg [^>]*viewBox="0 0 800 \d+"/);
    expect(svg).toContain('>train/loss</text>');
    expect(svg.match(/stroke="#0072b2" stroke-width="1" opacity="0.4"/g)).toHaveLength(1);
    expect(svg).toContain('stroke="#0072b2" stroke-width="2" stroke-dasharray="7 3"');
    expect(svg).toContain('fill="#0072b2" opacity="0.14"');
    expect(svg).toContain('fill="#0072b2"/>'); // the triangle of +∞
  });

  it('has text of names as text', () => {
    const svg = svgOf('<script>alert(1)</script> & "x" \u0000\uffff\ud800', scene);
    expect(svg).not.toContain('<script>');
    expect(svg).toContain('&#60;script&#62;alert(1)&#60;/script&#62; &#38; &#34;x&#34; \ufffd\ufffd\ufffd');
    expect(svg).toContain('&#60;img src=x&#62;');
  });

  it('has one line where nothing is smoothed', () => {
    const svg = svgOf('loss', { ...scene, plain: true });
    expect(svg).not.toContain('opacity="0.4"');
    expect(svg.match(/stroke="#0072b2" stroke-width="2"/g)).toHaveLength(2); // the curve, and its line in the legend
  });
});
