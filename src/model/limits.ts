/** Every bound of the product, each with its reason. Units are in the names. */
export const LIMITS = {
  /** More rows than this cannot be read as a matrix, and cannot be meant. */
  teamsMax: 64,
  /** A text file larger than this is generated; parsers would take minutes and gigabytes. */
  fileBytesMax: 5 * 1024 * 1024,
  /** Kept of one tool's stdout and stderr each: more than any report needs, and harmless for memory. */
  outputBytesMax: 16 * 1024 * 1024,
  /** Piscina's queue; more lanes than this are never planned. */
  queueLengthMax: 1024,
  /** A tool that was told to stop gets this long before it is killed. */
  terminateGraceMs: 2_000,
  /** A worker whose check was cancelled gets this long to come back before it is terminated. */
  workerGraceMs: 4_000,
  /** Nothing of ours waits longer than this for a thread lock: the longest default time limit. */
  threadLockWaitMs: 30 * 60_000,
  /** A worker that died is replaced, and its lane's remaining checks are tried again, this often a run. */
  workerRestartsMax: 16,
  /** A configuration file that is a program is loaded within this, or it hangs. */
  configLoadMs: 15_000,
  /** Memory of the thread that loads it. */
  configHeapMegabytesMax: 512,
  /** Kept of one finding's message: a diff of two large objects is read at its ends. */
  findingCharsMax: 8_000,
  /** Code frames and details shown by the pretty reporter for one team × gate. */
  findingsShownMax: 20,
  /** Teams at work at once when nobody says otherwise: the specification's four. */
  parallelTeamsDefault: 4,
  /** At most: each is an agent with tools of its own, and nobody follows more. */
  parallelTeamsMax: 16,
  /** Tasks of one session: each is looked at with each other for conflicts. */
  sessionTasksMax: 1_000,
  /** The specification's max_retries: a fourth try has never mended what three did not. */
  retriesMax: 3,
  /** A task whose teams were lost this often breaks them; giving it to another would only lose that one too. */
  attemptsMax: 3,
  /** Crashes and exhausted retries of a session before it goes on with one team at a time. */
  failuresBeforeSequential: 3,
  /** An agent without a sign of life for this long is taken for crashed; one that thinks or builds is silent for minutes. */
  agentSilentMs: 15 * 60_000,
  /** A team's messages to the orchestrator, its blockers, its discrepancies, its errors: each list keeps the newest. */
  messagesKeptMax: 100,
  /** Changed files of no task that are kept: more of them are no stray edits, but work that nobody planned. */
  unownedKeptMax: 100,
  /** Of those, how many a sentence names. */
  unownedNamedMax: 5,
  /** Findings of a gate that an agent is told in a retry: more of them are mended by the same edits, or after the next measurement. */
  findingsTold: 10,
  /** Wait for the relay: five times what a killed holder's lock needs to go stale, and less than a hook may take. */
  relayWaitMs: 10_000,
  /** A document of the relay: ten thousand tasks with their files fit. */
  documentBytesMax: 8 * 1024 * 1024,
  /** Levels of nesting in a document: ours have six, and parsers overflow their stack at some thousands. */
  documentDepthMax: 64,
  /** Claims kept in one document, the newest. */
  discrepanciesMax: 50,
  /** Broken copies kept of one file, the newest. */
  asidesMax: 5,
  /** The event log is begun anew beyond this, or beyond the size of the documents it starts with: it is read as a whole. */
  eventSegmentBytesMax: 256 * 1024,
  /** Former event logs kept: some ten thousand transactions. */
  eventSegmentsMax: 8,
  /** Progress of teams is written together when it comes within this of the first: nobody sees the difference. */
  statusBatchMs: 200,
  /** A task source larger than this is no list that people wrote. */
  taskFileBytesMax: 2 * 1024 * 1024,
  /** Tasks of one source. */
  tasksMax: 10_000,
  /** Kept of what one agent says: its end is what tells why it failed. */
  agentOutputBytesMax: 1024 * 1024,
  /** An agent still at work on one phase after this is ended: it is caught in a loop. */
  agentTimeLimitMs: 60 * 60_000,
  /** A team counts as alive for so long while its gates are measured: the default time limits of all gates, one after another. */
  measurementMs: 105 * 60_000,
  /** Between two looks of an executor at its teams. */
  executorLookMs: 30_000,
  /** A hook that has nothing to do answers in a tenth of this, also on a busy machine. */
  hookTrialMs: 20_000,
  /** Kept of what such a hook says. */
  hookTrialBytesMax: 64 * 1024,
  /** An executor on another machine is gone when nothing was seen of it for this long: four of its looks. */
  executorSilentMs: 120_000,
} as const;

/** Bounds of the leases on files. */
export const LEASE_LIMITS = {
  /** The specification's. An agent that is at work renews it; one that is gone blocks the others no longer than this. */
  durationMs: 30_000,
  /** Nothing that renews its leases needs longer, and a mistyped row must not lock a file for years. */
  durationMsMax: 60 * 60_000,
  /** The specification's: an agent that got nothing in this time has better things to do. */
  waitMs: 60_000,
  /** The specification's pauses between two looks of a waiter: the first, doubling to the last. */
  pollMs: { first: 100, most: 5_000 },
  /** After a change of the table a waiter looks at once, but not more often than this: many waiters wake together. */
  pollAfterChangeMs: 10,
  /** A waiter looks every 5 s at least; one that missed two looks is gone. */
  waiterAwayMs: 12_000,
  /** So often is a waiter overtaken by critical ones that came later; then it is served before them. */
  overtakesMax: 4,
  /** Per file: as many as the largest number of teams. */
  waitersMax: 64,
  /** Memories of lost leases, per file and in time: an agent that comes back later is told less, and refused all the same. */
  lostMax: 8,
  lostKeptMs: 15 * 60_000,
  /** More locked files than this are a fault of whoever locks them; reading the table would take seconds. */
  rowsMax: 50_000,
  /** Longest wait for other writers of the table: a few dead ones in a row, each of which costs two seconds. */
  tableWaitMs: 20_000,
  /** Unusable tables kept aside; what comes later was most likely made by the same fault. */
  setAsideMax: 16,
} as const;

/** Default time limit of a check by gate, in ms: generous, a bound against hanging rather than a budget. */
export const TIME_LIMIT_MS = {
  syntax_validation: 5 * 60_000,
  type_verification: 10 * 60_000,
  lint_enforcement: 15 * 60_000,
  security_analysis: 10 * 60_000,
  test_coverage: 20 * 60_000,
  performance_check: 15 * 60_000,
  documentation_check: 10 * 60_000,
  integration_test: 20 * 60_000,
} as const;
