import { expect, it } from 'vitest';
import { tablePlace } from '../../../../src/apps/dashboard/page/tablePlace.js';

const VIEW = { width: 1200, height: 800 };
const chart = (left: number, top: number, width = 300, height = 200) => ({
  left,
  top,
  right: left + width,
  bottom: top + height,
});

it.each([
  ['below', { width: 200, height: 100 }, chart(100, 100), { left: 218, top: 308 }],
  ['above, where there is no room below', { width: 200, height: 100 }, chart(100, 550), { left: 218, top: 442 }],
  ['to the right, where both are too low', { width: 200, height: 500 }, chart(100, 300), { left: 408, top: 292 }],
  ['to the left', { width: 200, height: 500 }, chart(700, 300, 450), { left: 492, top: 292 }],
  [
    'beside the pointer, in a chart as large as the window',
    { width: 200, height: 300 },
    chart(20, 20, 1160, 760),
    { left: 218, top: 418 },
  ],
] as const)('a table stands %s', (_, table, area, place) => {
  const pointer = { left: area.left > 500 ? 900 : 200, top: 400 };
  expect(tablePlace(table, pointer, area, VIEW)).toEqual(place);
});
