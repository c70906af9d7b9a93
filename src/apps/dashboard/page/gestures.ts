import { drawnOut, Selection, type Drawn, type Place } from './selection.js';

/** What somebody does to a plot with a pointer. */
export interface GestureListener {
  /** The pointer stands there; of null it has gone. */
  hover(place: Place | null): void;
  /** A part was drawn out; null for an axis that stays. */
  box(...drawn: Drawn): void;
  /** The plot is to be seen `factorX` times as long, and so on, around a place. */
  zoom(place: Place, factorX: number, factorY: number): void;
  pan(dx: number, dy: number): void;
  pin(place: Place): void;
  reset(): void;
  /** Whether a wheel turns the plot rather than the page. */
  takesWheel(): boolean;
}

/** Less is no drag. */
const STILL_PX = 4;
const DOUBLE_MS = 260;
const WHEEL = 0.0016;

/** Listens to mouse, pen and fingers over a plot: drag zooms, shift or another button or a finger pans, two fingers zoom. */
export class Gestures {
  readonly #over: HTMLElement;
  readonly #listener: GestureListener;
  readonly #selection: Selection;
  readonly #pointers = new Map<number, PointerEvent>();
  #start: { readonly event: PointerEvent; readonly pans: boolean } | null = null;
  #dragged = false;
  #click: ReturnType<typeof setTimeout> | null = null;

  constructor(over: HTMLElement, listener: GestureListener) {
    this.#over = over;
    this.#listener = listener;
    this.#selection = new Selection(over);
    over.addEventListener('pointerdown', (event) => this.#down(event));
    over.addEventListener('pointermove', (event) => this.#move(event));
    over.addEventListener('pointerup', (event) => this.#up(event));
    over.addEventListener('pointercancel', (event) => this.#drop(event));
    over.addEventListener('pointerleave', (event) => {
      // a finger that is lifted leaves what it has shown
      if (this.#start === null && event.pointerType !== 'touch') listener.hover(null);
    });
    over.addEventListener('wheel', (event) => this.#wheel(event), { passive: false });
    over.addEventListener('contextmenu', (event) => this.#dragged && event.preventDefault());
    over.addEventListener('auxclick', (event) => event.preventDefault());
  }

  /** A click that waits whether another one follows is none any more. */
  destroy(): void {
    if (this.#click !== null) clearTimeout(this.#click);
  }

  #down(event: PointerEvent): void {
    this.#pointers.set(event.pointerId, event);
    this.#over.setPointerCapture(event.pointerId);
    this.#dragged = false;
    const pans = event.shiftKey || event.button !== 0 || event.pointerType === 'touch';
    this.#start = { event, pans };
    if (event.button === 1) event.preventDefault();
    if (event.pointerType === 'touch') this.#listener.hover(this.#place(event));
  }

  #move(event: PointerEvent): void {
    const before = this.#pointers.get(event.pointerId);
    if (before !== undefined) this.#pointers.set(event.pointerId, event);
    if (this.#start === null || before === undefined) {
      if (event.pointerType !== 'touch') this.#listener.hover(this.#place(event));
      return;
    }
    if (this.#pointers.size === 2) return this.#pinch(event, before);
    const { event: from, pans } = this.#start;
    this.#dragged ||= Math.hypot(event.clientX - from.clientX, event.clientY - from.clientY) > STILL_PX;
    if (!this.#dragged) return;
    this.#listener.hover(null);
    if (pans) {
      const { width, height } = this.#over.getBoundingClientRect();
      this.#listener.pan((before.clientX - event.clientX) / width, (event.clientY - before.clientY) / height);
    } else this.#selection.show(...this.#drawnOut(from, event));
  }

  #up(event: PointerEvent): void {
    const start = this.#start;
    const wasOne = this.#pointers.size === 1;
    this.#drop(event);
    if (start === null || !wasOne) return;
    if (!this.#dragged) this.#clicked(event);
    else if (!start.pans) this.#listener.box(...this.#drawnOut(start.event, event));
  }

  #drop(event: PointerEvent): void {
    this.#pointers.delete(event.pointerId);
    this.#selection.hide();
    if (this.#pointers.size === 0) this.#start = null;
  }

  /** A second click soon after makes both of them one that resets. */
  #clicked(event: PointerEvent): void {
    if (event.button !== 0) return;
    if (this.#click !== null) {
      clearTimeout(this.#click);
      this.#click = null;
      this.#listener.reset();
      return;
    }
    const place = this.#place(event);
    this.#click = setTimeout(() => {
      this.#click = null;
      if (event.pointerType !== 'touch') this.#listener.pin(place);
    }, DOUBLE_MS);
  }

  #wheel(event: WheelEvent): void {
    if (!event.ctrlKey && !event.metaKey && !this.#listener.takesWheel()) return;
    event.preventDefault();
    const perNotch = event.deltaMode === 1 ? 16 : 1;
    const turned = (event.deltaY || event.deltaX) * perNotch;
    const factor = Math.exp(Math.max(-240, Math.min(240, turned)) * WHEEL);
    this.#listener.zoom(this.#place(event), event.shiftKey ? 1 : factor, event.shiftKey || event.altKey ? factor : 1);
  }

  #pinch(event: PointerEvent, before: PointerEvent): void {
    const other = [...this.#pointers.values()].find(({ pointerId }) => pointerId !== event.pointerId)!;
    const [was, is] = [before, event].map(({ clientX }) => Math.max(8, Math.abs(clientX - other.clientX)));
    this.#dragged = true;
    this.#listener.hover(null);
    this.#listener.zoom(this.#place(other), was! / is!, 1);
  }

  #drawnOut(from: PointerEvent, to: PointerEvent): Drawn {
    const along = Math.abs(to.clientX - from.clientX);
    return drawnOut(this.#place(from), this.#place(to), along, Math.abs(to.clientY - from.clientY));
  }

  #place({ clientX, clientY }: MouseEvent): Place {
    const { left, top, width, height } = this.#over.getBoundingClientRect();
    return { x: within((clientX - left) / width), y: within(1 - (clientY - top) / height) };
  }
}

function within(fraction: number): number {
  return Math.min(1, Math.max(0, fraction));
}
