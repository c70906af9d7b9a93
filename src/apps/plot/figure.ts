/** A curve of a panel, in the order of its points. */
export interface Curve {
  readonly name: string;
  /** Its number among all names of the figure: the same name has the same colour in every panel. */
  readonly colour: number;
  readonly x: Float64Array;
  readonly raw: Float64Array;
  /** As long as `raw`; NaN where that is not finite. */
  readonly smooth: Float64Array;
  /** Two standard deviations to either side. */
  readonly band: { readonly low: Float64Array; readonly high: Float64Array } | null;
}

/** One plot with a title. */
export interface Panel {
  readonly title: string;
  readonly curves: readonly Curve[];
}

/** What is on the x axis: a number, or a moment in ms since the Unix epoch. */
export interface XAxis {
  readonly label: string;
  readonly isTime: boolean;
  readonly log: boolean;
}

/** What is to be drawn, with nothing about how. */
export interface Figure {
  readonly title: string;
  /** How the bold lines were made, in words. */
  readonly caption: string;
  readonly x: XAxis;
  readonly logY: boolean;
  readonly panels: readonly Panel[];
  /** Names in the order of their colours. */
  readonly names: readonly string[];
}
