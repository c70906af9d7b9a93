import type { Status } from '../protocol.js';

const RETRY_MS = 1000;

/** What is known of the server. */
export interface Heard {
  readonly status: Status;
  readonly connected: boolean;
}

/**
 * Listens to the server, on one connection for all pages of a browser: it has six for one server, and a stream that never ends
 * takes one from what else is asked for. The page that has the lock listens, and passes on what it hears; when it is closed
 * another one goes on.
 *
 * @param hear - is given what is new, and at first what is known
 */
export function listen(hear: (heard: Heard) => void): void {
  const others = new BroadcastChannel('heard');
  let newest: Heard | null = null;
  others.addEventListener('message', ({ data }: MessageEvent<Heard | 'what?'>) => {
    if (data !== 'what?') hear(data);
    else if (newest !== null) others.postMessage(newest);
  });
  others.postMessage('what?');
  const pass = (heard: Heard): void => {
    newest = heard;
    others.postMessage(heard);
    hear(heard);
  };
  const open = (): void => {
    const events = new EventSource('/events');
    events.addEventListener('status', ({ data }: MessageEvent<string>) => {
      pass({ status: JSON.parse(data) as Status, connected: true });
    });
    events.addEventListener('error', () => {
      if (newest !== null) pass({ ...newest, connected: false });
      // it gives up where somebody else answers, who may have taken the port for a while
      if (events.readyState === EventSource.CLOSED) setTimeout(open, RETRY_MS);
    });
  };
  const listening = (): Promise<never> => {
    open();
    return new Promise(() => {}); // the lock goes with the page
  };
  void navigator.locks.request('heard', listening);
}
