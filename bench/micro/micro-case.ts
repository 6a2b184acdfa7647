/** One part whose speed counts by itself. */
export interface MicroCase {
  readonly name: string;
  /** Makes what it needs; `missing`: why this version has nothing to measure. */
  open(): Promise<OpenCase>;
}

export interface OpenCase {
  readonly missing: string | null;
  readonly run: () => void | Promise<void>;
  readonly close: () => Promise<void>;
}
