/** An import that leads nowhere. */
export interface UnresolvedImport {
  readonly file: string;
  readonly specifier: string;
  readonly line: number;
  readonly column: number;
}

/** What a source does to files that do not import it. */
export interface SourceEffects {
  /** It declares names for all: `declare global`, `export as namespace`, or a script and no module. */
  readonly isForAll: boolean;
  /** Modules that it declares or augments, as it names them. */
  readonly augmented: readonly string[];
  /** What comes into the program with it: packages by their names, references, and what it imports for its effects alone, as it names that. */
  readonly brings: readonly string[];
}

/**
 * Who imports whom among the workspace's sources, types included. Errs on the side of too many edges: an import of a
 * workspace package whose file cannot be told depends on all of that package. A file that is gone since the base commit
 * still has those who import it.
 */
export interface ImportGraph {
  /** Direct imports, sorted; empty for a file that is no source. */
  importsOf(file: string): readonly string[];
  /** The file itself and everything it reaches. */
  closureOf(file: string): ReadonlySet<string>;
  /** The files themselves and everything that reaches one of them. */
  dependentsOf(files: Iterable<string>): ReadonlySet<string>;
  readonly unresolved: readonly UnresolvedImport[];
  /** Files with an import that may lead anywhere, since only running it would tell: whoever reaches one may reach everything. */
  readonly open: ReadonlySet<string>;
  /** Files that start programs or threads, which may load anything. */
  readonly starters: ReadonlySet<string>;
  /** By source. */
  readonly effects: ReadonlyMap<string, SourceEffects>;
  /** All direct edges, sorted. */
  readonly edges: readonly (readonly [from: string, to: string])[];
  /**
   * The edges that a source names itself and that exist at run time: neither type-only imports nor those assumed for want of
   * knowing. What import cycles are made of. Sorted.
   */
  readonly runtimeEdges: readonly (readonly [from: string, to: string])[];
}
