import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Run } from './catalog.js';
import { Icon } from './icons.js';
import { change, chosen } from './model.js';
import { Name } from './name.js';
import { Swatch } from './swatch.js';
import { entered, toggled } from './view.js';

/** A run in the list: its colour, whether it is shown, its name. */
export function RunRow({ run }: { readonly run: Run }): JSX.Element {
  const [isNamed, setNamed] = useState(false);
  const isSolo = chosen.solo.value === run.run;
  const show = (): void => {
    const { solo, hidden } = { solo: chosen.solo.peek(), hidden: chosen.hidden.peek() };
    if (solo === null) change({ hidden: toggled(hidden, run.run) });
    else change({ solo: null, hidden: isSolo || !hidden.has(run.run) ? hidden : toggled(hidden, run.run) });
  };
  return (
    <li class={run.visible ? 'run' : 'run off'}>
      <span class="colour" title="Colour">
        <Swatch style={run} width={14} height={14} />
        <input
          type="color"
          value={run.color}
          aria-label={`Colour of ${run.name}`}
          onInput={(event) => change({ colors: entered(chosen.colors.peek(), run.run, event.currentTarget.value) })}
        />
      </span>
      {isNamed ? (
        <NameInput run={run} onDone={() => setNamed(false)} />
      ) : (
        <label title={run.run} onDblClick={() => setNamed(true)}>
          <input type="checkbox" checked={run.visible} aria-label={run.name} onChange={show} />
          <Name text={run.name} title={run.run} />
        </label>
      )}
      <span class="run-actions">
        <button
          type="button"
          class="icon-button small"
          aria-label={`Rename ${run.name}`}
          title="Rename"
          onClick={() => setNamed(true)}
        >
          <Icon name="edit" />
        </button>
        <button
          type="button"
          class="icon-button small"
          aria-pressed={isSolo}
          aria-label={`Only ${run.name}`}
          title={isSolo ? 'All again' : 'Only this one'}
          onClick={() => change({ solo: isSolo ? null : run.run })}
        >
          <Icon name="only" />
        </button>
      </span>
    </li>
  );
}

function NameInput({ run, onDone }: { readonly run: Run; readonly onDone: () => void }): JSX.Element {
  const done = (name: string): void => {
    const isOwn = name.trim() !== '' && name.trim() !== run.run;
    change({ names: entered(chosen.names.peek(), run.run, isOwn ? name.trim() : undefined) });
    onDone();
  };
  return (
    <input
      class="rename"
      type="text"
      value={run.name}
      aria-label={`Name of ${run.run}`}
      ref={(input) => input?.focus()}
      onFocus={(event) => event.currentTarget.select()}
      onBlur={(event) => done(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === 'Enter') done(event.currentTarget.value);
        if (event.key === 'Escape') onDone();
      }}
    />
  );
}
