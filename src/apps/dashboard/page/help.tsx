import type { JSX } from 'preact';
import { Icon } from './icons.js';

const ID = 'help';

const WAYS: readonly (readonly [string, readonly (readonly [string, string])[]])[] = [
  [
    'With a pointer',
    [
      ['Drag', 'zoom: across for x, along for y, both for a box; a chart that nobody zoomed fits all that comes'],
      ['Double click', 'fit everything again, and stay live'],
      ['Ctrl or ⌘ + wheel', 'zoom x; with Shift zoom y, with Alt both. A chart that was clicked takes the wheel alone'],
      ['Shift + drag, or middle or right button', 'move a zoomed chart'],
      ['Click', 'pin the values there; click the pin again to let go'],
      ['Fingers', 'tap for values, two to zoom, one to move'],
    ],
  ],
  [
    'With the keyboard',
    [
      ['/', 'search metrics'],
      ['[ and ]', 'smooth less, smooth more'],
      ['?', 'this help'],
      ['Tab', 'to a chart, then:'],
      ['← →', 'move the cursor; with Shift in large steps; Home and End'],
      ['Enter', 'pin the values there, or let go'],
      ['+ − 0', 'zoom in, zoom out, fit everything'],
      ['Escape', 'close the table, then the pins'],
    ],
  ],
  [
    'What is drawn',
    [
      ['Faint line', 'every raw point, thinned to the pixels there are: no spike vanishes'],
      ['Bold line', 'the average, smoothed at every raw point first'],
      ['× ▲ ▼', 'NaN, +∞ and −∞, where they happened; they leave the average as it is'],
      ['The address', 'holds all that you chose: send it, and others see the same'],
    ],
  ],
];

/** What can be done, and how. */
export function Help(): JSX.Element {
  return (
    <dialog
      id={ID}
      class="help"
      aria-labelledby="help-title"
      onClick={(event) => event.target === event.currentTarget && event.currentTarget.close()}
    >
      <form method="dialog">
        <header>
          <h2 id="help-title">Help</h2>
          <button type="submit" class="icon-button" aria-label="Close">
            <Icon name="close" />
          </button>
        </header>
        {WAYS.map(([title, ways]) => (
          <section key={title}>
            <h3>{title}</h3>
            <dl>
              {ways.map(([how, what]) => (
                <div key={how}>
                  <dt>{how}</dt>
                  <dd>{what}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </form>
    </dialog>
  );
}

/** Opens the help over the page. */
export function openHelp(): void {
  (document.getElementById(ID) as HTMLDialogElement).showModal();
}
