/**
 * The lane of a tsconfig project: its types and the typed lint of its files run in one worker and share one program. A lane
 * a project, not one for all: programs of different projects share nothing, so apart they run at the same time.
 */
export function typeScriptLane(config: string): string {
  return `typescript:${config}`;
}
