/** One place where a text does not parse. */
export interface SyntaxProblem {
  readonly rule: string;
  readonly message: string;
  readonly line: number;
  readonly column: number | null;
}
