import { decayOf, LIMITS, type Amount, type Scale } from './amount.js';
import type { Axis } from './contract.js';
import { FIRST_VIEW, type ChartView, type Range, type Search, type View } from './view.js';

const SCALES: Readonly<Record<Scale, string>> = { halfLife: 'half-life', span: 'span', decay: 'decay' };
const AXES: readonly Axis[] = ['step', 'relative', 'wall'];
const HEX = /^#[\da-f]{6}$/;

/** A view as the hash of an address, without what is as at first: `smooth=span:20&axis=wall&chart.loss=log-y;x:10,20`. */
export function encodeView(view: View): string {
  const entries: [string, string][] = [];
  const add = (key: string, value: string, is = true): void => void (is && entries.push([key, value]));
  const { value, scale } = view.smoothing;
  add(
    'smooth',
    amountText(view.smoothing),
    value !== FIRST_VIEW.smoothing.value || scale !== FIRST_VIEW.smoothing.scale,
  );
  add('correct', 'off', !view.corrected);
  add('band', 'on', view.band);
  add('axis', view.axis, view.axis !== 'step');
  add('log-x', 'on', view.logX);
  add('log-y', 'on', view.logY);
  for (const key of ['metrics', 'runs'] as const) {
    add(view[key].pattern ? `${key}-pattern` : key, view[key].text, view[key].text !== '');
  }
  for (const run of view.hidden) add('hide', run);
  if (view.solo !== null) add('solo', view.solo);
  for (const [run, color] of view.colors) add(`color.${run}`, color);
  for (const [run, name] of view.names) add(`name.${run}`, name);
  for (const group of view.closed) add('closed', group);
  for (const [tag, chart] of view.charts) add(`chart.${tag}`, chartText(chart));
  return entries.map((pair) => pair.map(escaped).join('=')).join('&');
}

/** The view that a hash says; what it says wrongly, or of nothing known, is as at first. */
export function decodeView(hash: string): View {
  const entries = [...new URLSearchParams(hash.replace(/^#/, ''))];
  const said = new Map(entries);
  const all = (key: string): ReadonlySet<string> =>
    new Set(entries.flatMap(([name, value]) => (name === key ? [value] : [])));
  const named = (prefix: string): [string, string][] =>
    entries.flatMap(([name, value]) => (name.startsWith(prefix) ? [[name.slice(prefix.length), value]] : []));
  return {
    smoothing: readAmount(said.get('smooth') ?? '') ?? FIRST_VIEW.smoothing,
    corrected: said.get('correct') !== 'off',
    band: said.get('band') === 'on',
    axis: AXES.find((axis) => axis === said.get('axis')) ?? 'step',
    logX: said.get('log-x') === 'on',
    logY: said.get('log-y') === 'on',
    metrics: readSearch(said, 'metrics'),
    runs: readSearch(said, 'runs'),
    hidden: all('hide'),
    solo: said.get('solo') ?? null,
    colors: new Map(named('color.').filter(([, color]) => HEX.test(color))),
    names: new Map(named('name.').filter(([, name]) => name.trim() !== '')),
    closed: all('closed'),
    charts: new Map(named('chart.').map(([tag, text]): [string, ChartView] => [tag, readChart(text)])),
  };
}

function chartText({ smoothing, logX, logY, x, y, pins, wide }: ChartView): string {
  const words = [
    smoothing && `smooth:${amountText(smoothing)}`,
    logX !== undefined && `log-x:${logX ? 'on' : 'off'}`,
    logY !== undefined && `log-y:${logY ? 'on' : 'off'}`,
    x && `x:${x.join(',')}`,
    y && `y:${y.join(',')}`,
    pins && pins.length > 0 && `pins:${pins.join(',')}`,
    wide && 'wide',
  ];
  return words.filter(Boolean).join(';');
}

function readChart(text: string): ChartView {
  const words = new Map(text.split(';').map((word) => [word.split(':', 1)[0]!, word.slice(word.indexOf(':') + 1)]));
  const numbers = (words.get('pins') ?? '').split(',').filter(Boolean).map(Number);
  const pins = numbers.filter((at) => Number.isFinite(at));
  const chart: ChartView = {
    smoothing: readAmount(words.get('smooth') ?? '') ?? undefined,
    logX: readSwitch(words.get('log-x')),
    logY: readSwitch(words.get('log-y')),
    x: readRange(words.get('x')),
    y: readRange(words.get('y')),
    pins: pins.length > 0 ? pins : undefined,
    wide: words.has('wide') || undefined,
  };
  return Object.fromEntries(Object.entries(chart).filter(([, value]) => value !== undefined));
}

function readSwitch(text: string | undefined): boolean | undefined {
  return text === 'on' ? true : text === 'off' ? false : undefined;
}

function readRange(text: string | undefined): Range | undefined {
  const [from, to, ...more] = (text ?? '').split(',').map((part) => (part === '' ? NaN : Number(part)));
  const good = more.length === 0 && Number.isFinite(from) && Number.isFinite(to) && from! < to!;
  return good ? [from!, to!] : undefined;
}

function readSearch(said: ReadonlyMap<string, string>, key: string): Search {
  const pattern = said.get(`${key}-pattern`);
  return pattern === undefined ? { text: said.get(key) ?? '', pattern: false } : { text: pattern, pattern: true };
}

function amountText({ scale, value }: Amount): string {
  return `${SCALES[scale]}:${value}`;
}

function readAmount(text: string): Amount | null {
  const scale = (Object.keys(SCALES) as Scale[]).find((one) => text.startsWith(`${SCALES[one]}:`));
  if (scale === undefined) return null;
  const number = text.slice(SCALES[scale].length + 1);
  const amount = { scale, value: Number(number) };
  const [least, most] = LIMITS[scale];
  const good = number !== '' && amount.value >= least && amount.value <= most && decayOf(amount) < 1;
  return good ? amount : null;
}

/** Only what would end a word: a link that can be read is one that can be changed by hand. */
function escaped(text: string): string {
  return encodeURIComponent(text).replace(/%(2F|3A|2C|3B)/g, (code) => decodeURIComponent(code));
}
