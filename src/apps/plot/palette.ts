/** How a picture looks. */
export interface Look {
  readonly background: string;
  readonly text: string;
  readonly faintText: string;
  readonly grid: string;
  readonly frame: string;
  readonly colours: readonly string[];
}

/**
 * Colours that the colour-blind tell apart (Okabe and Ito 2008), those with the most contrast against the ground first.
 *
 * @see https://jfly.uni-koeln.de/color/
 */
export const LOOKS: Readonly<Record<'light' | 'dark', Look>> = {
  light: {
    background: '#ffffff',
    text: '#1f2328',
    faintText: '#59636e',
    grid: '#e4e7eb',
    frame: '#9aa4af',
    colours: ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#000000'],
  },
  dark: {
    background: '#0d1117',
    text: '#e6edf3',
    faintText: '#9198a1',
    grid: '#21262d',
    frame: '#59636e',
    colours: ['#56b4e9', '#e69f00', '#009e73', '#cc79a7', '#f0e442', '#d55e00', '#ffffff'],
  },
};

/** What lines look like once the colours are used up. */
const DASHES: readonly string[] = ['', '7 3', '2 2.5', '9 3 2 3'];

/** The colour of the n-th name, and the dashes by which it differs from others of that colour. */
export function strokeOf(n: number, { colours }: Look): { readonly colour: string; readonly dashes: string } {
  const round = Math.floor(n / colours.length) % DASHES.length;
  return { colour: colours[n % colours.length]!, dashes: DASHES[round]! };
}
