import type { JSX } from 'preact';
import { Card } from './card.js';
import type { Group as Charts } from './groups.js';
import { Icon } from './icons.js';
import { change, chosen } from './model.js';
import { Name } from './name.js';
import { toggled } from './view.js';

/** Charts whose names begin alike; folded, only their number is seen. */
export function Group({ prefix, tags }: Charts): JSX.Element {
  const open = !chosen.closed.value.has(prefix);
  const name = prefix === '' ? 'Metrics' : prefix;
  return (
    <section class="group" data-group={prefix} aria-label={name}>
      <h2>
        <button
          type="button"
          aria-expanded={open}
          onClick={() => change({ closed: toggled(chosen.closed.peek(), prefix) })}
        >
          <Icon name="down" />
          <Name text={name} />
          <span class="count">{tags.length}</span>
        </button>
      </h2>
      {open ? (
        <div class="cards">
          {tags.map((tag) => (
            <Card key={tag} tag={tag} />
          ))}
        </div>
      ) : null}
    </section>
  );
}
