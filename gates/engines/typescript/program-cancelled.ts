/** Thrown while a program is built or checked once `isCancelled` says so. */
export class ProgramCancelled extends Error {
  override readonly name = 'ProgramCancelled';
}
