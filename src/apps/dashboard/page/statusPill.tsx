import type { JSX } from 'preact';
import type { Status } from '../protocol.js';
import { countText } from './format.js';
import { connected, pointCount, status } from './model.js';

const WORDS = {
  waiting: 'Connecting',
  live: 'Live',
  reconnecting: 'Reconnecting',
  ended: 'Ended',
  failed: 'Failed',
} as const;

/** How the connection stands, and how many points have come. */
export function StatusPill(): JSX.Element {
  const now = status.value;
  const state = now === null ? 'waiting' : now.ended ? endOf(now) : connected.value ? 'live' : 'reconnecting';
  const [has, all] = [pointCount.value, now?.sequence ?? 0];
  return (
    <div class="status" data-state={state}>
      <span class="state" role="status">
        {WORDS[state]}
      </span>
      <span class="points" title={`${countText(has)} points here, ${countText(all)} ever sent`}>
        {countText(has)} points
      </span>
    </div>
  );
}

function endOf({ failure }: Status): 'ended' | 'failed' {
  return failure === null ? 'ended' : 'failed';
}
