import type { SchemaTree } from 'hyparquet';

import { shown, SmoothingError } from '../errors.js';
import { didYouMean } from '../options.js';
import type { Arrow } from './parquetCells.js';
import { parquetKind } from './parquetKind.js';
import type { Column } from './parquetWindow.js';

/**
 * The columns asked for, in their order; or all of plain types, in the file's.
 *
 * @throws SmoothingError `COLUMN_MISSING`, `COLUMN_TYPE`
 */
export function parquetColumns(all: readonly SchemaTree[], columns: readonly string[] | null, arrow: Arrow): Column[] {
  const names = all.map(({ element }) => element.name);
  const unknown = columns?.find((name) => !names.includes(name));
  if (unknown !== undefined) {
    const must = `columns must be among ${names.join(', ') || 'none at all'}`;
    throw new SmoothingError('COLUMN_MISSING', `${must}, got ${shown(unknown)}${didYouMean(unknown, names)}`);
  }
  const found = (columns ?? names).flatMap((name) => columnOf(all[names.indexOf(name)]!, arrow) ?? []);
  const missed = columns?.find((name) => !found.some((column) => column.name === name));
  if (missed !== undefined || (found.length === 0 && names.length > 0)) {
    const got = shown(missed ?? names[0]);
    throw new SmoothingError(
      'COLUMN_TYPE',
      `columns must hold one value a row, got ${got}, which is nested or of no type of Arrow's`,
    );
  }
  return found;
}

function columnOf({ element, children }: SchemaTree, arrow: Arrow): Column | null {
  const isNested = children.length > 0 || element.repetition_type === 'REPEATED';
  const kind = isNested ? null : parquetKind(arrow, element);
  return kind && { name: element.name, nullable: element.repetition_type !== 'REQUIRED', kind };
}
