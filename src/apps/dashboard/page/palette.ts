export type Theme = 'light' | 'dark';

/** How a run's lines are drawn. */
export interface Style {
  readonly color: string;
  /** Lengths of dashes and gaps, in pixels. */
  readonly dash: readonly number[];
}

/** Okabe and Ito's colours, in an order in which neighbours differ most, each darker or lighter until it has 3 : 1 on its ground. */
const COLORS: Readonly<Record<Theme, readonly string[]>> = {
  light: ['#0072b2', '#d55e00', '#00855f', '#b5578e', '#b87a00', '#2f8fc6', '#444b55', '#857a00'],
  dark: ['#4ba3e3', '#f0762b', '#1db98c', '#dd8fbb', '#e9a820', '#86cdf7', '#cfd4dc', '#e6da45'],
};
const DASHES: readonly (readonly number[])[] = [[], [7, 3], [2, 3], [9, 3, 2, 3]];

/** The style of the run that came as number `index`: after eight, the same colours in dashes. */
export function styleOf(index: number, theme: Theme, own?: string): Style {
  const colors = COLORS[theme];
  const dash = own === undefined ? DASHES[Math.floor(index / colors.length) % DASHES.length]! : [];
  return { color: own ?? colors[index % colors.length]!, dash };
}

/** How faint raw lines are: the more there are, the fainter, so that averages stand out of them. */
export function faintnessOf(curves: number): number {
  return Math.round(100 * 0.4 * Math.max(1, curves) ** -0.35) / 100;
}

/** What a chart is drawn with besides its curves. */
export interface Ink {
  readonly ground: string;
  readonly text: string;
  readonly quiet: string;
  readonly grid: string;
  readonly axis: string;
}

/** Of each theme; as in page.css. */
export const INKS: Readonly<Record<Theme, Ink>> = {
  light: { ground: '#ffffff', text: '#1b1f24', quiet: '#59626e', grid: '#edeff2', axis: '#cfd4da' },
  dark: { ground: '#181b20', text: '#e7eaee', quiet: '#9da7b3', grid: '#262a31', axis: '#3d444d' },
};
