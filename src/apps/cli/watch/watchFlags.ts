/** What the user has said, as commander gives it: not checked yet. */
export interface WatchFlags {
  readonly port?: string;
  readonly open?: true;
  readonly title?: string;
}
