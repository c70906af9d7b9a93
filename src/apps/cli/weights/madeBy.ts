/** The entry in the metadata of a file that says that it is an average, and of what. */
export const MADE_BY = 'ema';
