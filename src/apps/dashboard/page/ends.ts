/** What stays of a name however little room there is: runs of one series often differ in their last words alone. */
const TAIL = 14;
const segmenter = new Intl.Segmenter('en');

/** A name in two parts: a head that may be shortened, '' for a short name, and a tail that stays. */
export function endsOf(name: string): readonly [head: string, tail: string] {
  const letters = Array.from(segmenter.segment(name), ({ segment }) => segment);
  return [letters.slice(0, -TAIL).join(''), letters.slice(-TAIL).join('')];
}
