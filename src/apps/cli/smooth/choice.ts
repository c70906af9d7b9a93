import { SmoothingError, shown } from '../../../errors.js';
import { didYouMean } from '../../../options.js';
import { isAxisName } from '../../axisColumns.js';
import { listed } from '../listed.js';
import { UsageError } from '../usageError.js';
import type { SmoothPlan } from './smoothPlan.js';
import type { TablePiece } from './tablePiece.js';

/** Which columns of a table are smoothed; says so on stderr, and again when another comes up. */
export class Choice {
  readonly #plan: SmoothPlan;
  readonly #isFixed: boolean;
  readonly #say: (line: string) => void;
  #names: readonly string[] = [];
  /** Columns of a table that all have shown what they hold, and what was chosen of them. */
  #settled: { readonly columns: readonly string[]; readonly names: readonly string[] } | null = null;

  /**
   * @param isFixed - what is written has all its columns from the first row on
   * @param say - a line for people
   */
  constructor(plan: SmoothPlan, isFixed: boolean, say: (line: string) => void) {
    this.#plan = plan;
    this.#isFixed = isFixed && plan.append;
    this.#say = say;
  }

  /** @throws UsageError for a name that there is not; SmoothingError `COLUMN_MISSING` if nothing is left */
  of(piece: TablePiece): readonly string[] {
    if (piece.isWhole && piece.columns === this.#settled?.columns) return this.#settled.names;
    const { columns, by, time } = this.#plan;
    this.#checkNames(piece);
    const names =
      columns?.filter((name) => piece.columns.includes(name)) ??
      piece.columns.filter((name) => this.#isMetric(piece, name));
    const isRole = (name: string): boolean => name === by || name === time;
    if (names.length > this.#names.length) this.#announce(names, piece);
    const isHopeless =
      names.length === 0 && piece.isWhole && piece.columns.every((name) => isRole(name) || isKnown(piece, name));
    if (isHopeless && piece.rows > 0) this.end(piece.columns);
    if (piece.columns.every((name) => piece.kindOf(name) !== null)) this.#settled = { columns: piece.columns, names };
    return names;
  }

  /** When nothing comes any more. @throws as `of` */
  end(all: readonly string[]): void {
    const { columns, by } = this.#plan;
    const missing = columns?.find((name) => !this.#names.includes(name));
    if (missing !== undefined) throw absent('--columns', missing, all);
    if (by !== null && !all.includes(by)) throw absent('--by', by, all);
    if (this.#names.length > 0) return;
    throw new SmoothingError(
      'COLUMN_MISSING',
      `there must be a column of numbers that is no axis, got ${all.join(', ') || 'none'}: name it with --columns`,
    );
  }

  #isMetric(piece: TablePiece, name: string): boolean {
    const { by, time } = this.#plan;
    if (name === by || name === time || isAxisName(name)) return false;
    const kind = piece.kindOf(name);
    return kind === 'floats' || (kind === null && (this.#isFixed || piece.rows === 0)); // which may come to be of numbers
  }

  #checkNames({ columns: all, isWhole }: TablePiece): void {
    const { columns, by, time } = this.#plan;
    if (time !== null && !all.includes(time)) throw absent('--time', time, all); // which each row must have
    if (!isWhole) return;
    const missing = columns?.find((name) => !all.includes(name));
    if (missing !== undefined) throw absent('--columns', missing, all);
    if (by !== null && !all.includes(by)) throw absent('--by', by, all);
  }

  #announce(names: readonly string[], piece: TablePiece): void {
    const { said, columns, time } = this.#plan;
    const more = names.filter((name) => !this.#names.includes(name));
    const isFirst = this.#names.length === 0;
    this.#names = names;
    const left = piece.columns.filter(
      (name) => !names.includes(name) && piece.kindOf(name) !== 'other' && isAxisName(name),
    );
    const not = columns === null && left.length > 0 ? `; not ${listed(left)}` : '';
    const isDated = time !== null && piece.kindOf(time) === 'other';
    this.#say(isFirst ? `smoothing ${listed(more)} (${said(isDated)})${not}` : `smoothing ${listed(more)}, too`);
  }
}

const isKnown = (piece: TablePiece, name: string): boolean => isAxisName(name) || piece.kindOf(name) !== null;

function absent(flag: string, name: string, all: readonly string[]): UsageError {
  const what = flag === '--columns' ? 'columns' : 'a column';
  return new UsageError(
    `${flag} must name ${what} of the table (${listed(all)}), got ${shown(name)}${didYouMean(name, all)}`,
  );
}
