import type { JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { amountOf } from './chartState.js';
import { decayOf } from './amount.js';
import { atCursor, cursor, nearest } from './cursor.js';
import { placeText } from './format.js';
import { HoverTable } from './hoverTable.js';
import { chosen } from './model.js';
import { styledRows } from './styledRows.js';
import { tablePlace } from './tablePlace.js';

const ROW_PX = 22;
const CHROME_PX = 90;

/** The table beside the cursor. */
export function Tooltip(): JSX.Element | null {
  const box = useRef<HTMLDivElement>(null);
  const at = cursor.value;
  const rows = at === null ? [] : styledRows(at.tag, atCursor.value, at.x);
  useLayoutEffect(() => {
    if (box.current === null || at === null) return;
    const { offsetWidth, offsetHeight, style } = box.current;
    const table = { width: offsetWidth, height: offsetHeight };
    const { left, top } = tablePlace(table, at, at.chart, { width: innerWidth, height: innerHeight });
    style.left = `${left}px`;
    style.top = `${top}px`;
  });
  if (at === null || rows.length === 0) return null;
  const place = placeText(rows.find(({ curve }) => curve === nearest.value)?.x ?? at.x, chosen.axis.value);
  return (
    <div ref={box} class="tooltip" data-tag={at.tag} aria-live={at.y === null ? 'polite' : 'off'}>
      <p class="place">{place}</p>
      <HoverTable
        caption={`${at.tag} at ${place}`}
        rows={rows}
        band={chosen.band.value}
        plain={decayOf(amountOf(at.tag)) === 0}
        focus={nearest.value}
        most={Math.max(3, Math.floor((innerHeight - CHROME_PX) / ROW_PX))}
      />
    </div>
  );
}
