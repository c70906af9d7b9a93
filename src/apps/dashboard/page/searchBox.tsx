import type { JSX } from 'preact';
import { useId } from 'preact/hooks';
import { Icon } from './icons.js';
import type { Search } from './view.js';

interface SearchBoxProps {
  readonly label: string;
  readonly search: Search;
  /** What is wrong with the pattern; null for nothing. */
  readonly wrong: string | null;
  readonly onChange: (search: Search) => void;
  /** A key that leads here, to be said. */
  readonly shortcut?: string;
}

/** Looks for names by words, or by a regular expression. */
export function SearchBox({ label, search, wrong, onChange, shortcut }: SearchBoxProps): JSX.Element {
  const id = useId();
  return (
    <div class="search" role="search" aria-label={label}>
      <Icon name="search" />
      <input
        type="search"
        value={search.text}
        placeholder={label}
        aria-label={label}
        aria-invalid={wrong !== null}
        aria-describedby={wrong === null ? undefined : id}
        aria-keyshortcuts={shortcut}
        data-shortcut={shortcut}
        spellcheck={false}
        autocomplete="off"
        onInput={(event) => onChange({ ...search, text: event.currentTarget.value })}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return;
          event.preventDefault(); // it would be emptied
          event.currentTarget.blur();
        }}
      />
      <button
        type="button"
        class="pattern"
        aria-pressed={search.pattern}
        aria-label={`${label} by regular expression`}
        title="Regular expression"
        onClick={() => onChange({ ...search, pattern: !search.pattern })}
      >
        .*
      </button>
      {wrong === null ? null : (
        <p id={id} class="wrong" role="alert">
          No pattern: {wrong}
        </p>
      )}
    </div>
  );
}
