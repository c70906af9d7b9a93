/** The powers of ten that doubles hold exactly. */
export const POWERS: Float64Array = Float64Array.from({ length: 23 }, (_, k) => Number(`1e${k}`));
