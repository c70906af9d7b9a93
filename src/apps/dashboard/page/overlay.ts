/** A dot on a curve. */
export interface Dot {
  readonly x: number;
  readonly y: number;
  readonly color: string;
  /** Of a dashed line: a ring. */
  readonly isRing: boolean;
  readonly isFocus: boolean;
}

/** Lines and dots over a plot, in pixels of it: they move without the plot being drawn again. */
export class Overlay {
  readonly #over: HTMLElement;
  readonly #cross: HTMLElement;
  #dots: HTMLElement[] = [];
  #pins: HTMLElement[] = [];

  constructor(over: HTMLElement) {
    this.#over = over;
    this.#cross = this.#add('cross');
    this.#cross.hidden = true;
  }

  get width(): number {
    return this.#over.clientWidth;
  }

  get height(): number {
    return this.#over.clientHeight;
  }

  /** A vertical line; null for none. */
  cross(x: number | null): void {
    this.#cross.hidden = x === null;
    if (x !== null) this.#cross.style.transform = `translateX(${Math.round(x)}px)`;
  }

  dots(dots: readonly Dot[]): void {
    this.#dots = this.#many(this.#dots, 'dot', dots.length);
    for (const [i, { x, y, color, isRing, isFocus }] of dots.entries()) {
      const dot = this.#dots[i]!;
      dot.hidden = !(Number.isFinite(x) && Number.isFinite(y));
      dot.classList.toggle('focus', isFocus);
      dot.classList.toggle('ring', isRing);
      dot.style.color = color;
      dot.style.transform = `translate(${x}px, ${y}px)`;
    }
  }

  /** Labelled lines. */
  pins(pins: readonly { readonly x: number; readonly label: string }[]): void {
    this.#pins = this.#many(this.#pins, 'pin', pins.length);
    for (const [i, { x, label }] of pins.entries()) {
      const pin = this.#pins[i]!;
      pin.textContent = label;
      pin.style.transform = `translateX(${Math.round(x)}px)`;
    }
  }

  #many(has: HTMLElement[], name: string, count: number): HTMLElement[] {
    while (has.length > count) has.pop()!.remove();
    while (has.length < count) has.push(this.#add(name));
    return has;
  }

  #add(name: string): HTMLElement {
    const element = document.createElement('div');
    element.className = name;
    element.setAttribute('aria-hidden', 'true');
    this.#over.append(element);
    return element;
  }
}
