/** What is installed as `apache-arrow`; of no known type where it is not. */
/** @ts-ignore the package is optional, and so are its declarations */
export type RecordBatch = import('apache-arrow').RecordBatch;
