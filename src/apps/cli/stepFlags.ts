/** The flags that say how much to smooth, by steps: their names in commander, which are the library's, and as they are typed. */
export const STEP_FLAGS = {
  halfLife: '--half-life',
  decay: '--decay',
  alpha: '--alpha',
  span: '--span',
  com: '--com',
  tau: '--tau',
} as const;
