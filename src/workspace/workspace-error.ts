/**
 * Why there is no workspace to speak of. The one thing `discoverWorkspace` throws on purpose; whoever asked for the run
 * shows `message` (a sentence of what, where and what to do) and exits with 2.
 */
export class WorkspaceError extends Error {
  readonly reason: 'no-such-folder' | 'not-a-folder' | 'git-refused' | 'unknown-base' | 'no-common-ancestor' | 'line-break';

  constructor(reason: WorkspaceError['reason'], message: string) {
    super(message);
    this.name = 'WorkspaceError';
    this.reason = reason;
  }
}
