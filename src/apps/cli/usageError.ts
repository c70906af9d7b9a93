/** What was asked for can't be done as it was said: one line for the user, exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
