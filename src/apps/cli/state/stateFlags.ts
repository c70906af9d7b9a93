/** What the user has said, as commander gives it: not checked yet. */
export interface StateFlags {
  readonly json?: true;
  readonly key?: string;
  readonly limit?: number;
}
