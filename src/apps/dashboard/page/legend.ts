import { kindOf, MARK_KINDS, MARK_NAMES } from './marks.js';
import type { Scene } from './scene.js';
import { n, words } from './svgText.js';

/** How wide a text is, in pixels. */
export type TextWidth = (text: string) => number;

interface Entry {
  readonly text: string;
  /** Of what stands before the text. */
  readonly lead: number;
  readonly draw: (x: number, y: number) => string;
}

const LINE = 20;
const DASH = 18;
const GAP = 18;

/** Which run is which and what marks mean, in as many lines as that needs. */
export function legendOf(
  scene: Scene,
  widthOf: TextWidth,
  room: number,
): { readonly text: string; readonly height: number } {
  let [x, y] = [0, 0];
  const entries = [...runsOf(scene), ...marksOf(scene)].map(({ text, lead, draw }) => {
    const width = lead + widthOf(text);
    if (x > 0 && x + width > room) [x, y] = [0, y + LINE];
    const entry = `${draw(x, y)}${words(text, x + lead, y + 4, 'start', lead > 0 ? scene.ink.text : scene.ink.quiet)}`;
    x += width + GAP;
    return entry;
  });
  return { text: entries.join(''), height: entries.length === 0 ? 0 : y + LINE + 10 };
}

function runsOf({ styles }: Scene): Entry[] {
  return [...styles.values()].map(({ name, color, dash }) => ({
    text: name,
    lead: DASH + 6,
    draw: (x, y) => {
      const dashes = dash.length === 0 ? '' : ` stroke-dasharray="${dash.join(' ')}"`;
      return `<path d="M${n(x)} ${y}h${DASH}" stroke="${color}" stroke-width="2"${dashes}/>`;
    },
  }));
}

function marksOf({ chart, x: [from, to] }: Scene): Entry[] {
  const gaps = (chart?.curves ?? []).flatMap((curve) => {
    const { x, y } = curve.gaps;
    return Array.from(
      y.filter((_, i) => x[i]! >= from && x[i]! <= to),
      kindOf,
    );
  });
  const seen = new Set(gaps);
  return MARK_KINDS.filter((kind) => seen.has(kind)).map((kind) => ({
    text: MARK_NAMES[kind].join(' '),
    lead: 0,
    draw: () => '',
  }));
}
