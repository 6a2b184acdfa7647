/** A stretch of a file that is JavaScript or TypeScript, at its own place: everything around it is blanked out. */
export interface ScriptBlock {
  readonly text: string;
  readonly lang: 'js' | 'jsx' | 'ts' | 'tsx' | 'dts';
}

/** Extensions of the files that import other modules. */
export const SOURCE_FILE = /\.(?:[cm]?[jt]s|[jt]sx|vue|svelte|astro)$/;

/** Of those the ones that a compiler of TypeScript reads only where it is told to. */
export const JAVASCRIPT_FILE = /\.(?:[cm]?js|jsx)$/;

/** The script of a source file: the whole of it, or the script blocks of a Vue, Svelte or Astro component. */
export function scriptBlocks(file: string, text: string): ScriptBlock[] {
  if (/\.(?:vue|svelte|astro)$/.test(file)) return componentBlocks(text);
  if (/\.d\.(?:[\w-]+\.)?[cm]?ts$/.test(file)) return [{ text, lang: 'dts' }];
  if (/\.[cm]?ts$/.test(file)) return [{ text, lang: 'ts' }];
  return [{ text, lang: file.endsWith('.tsx') ? 'tsx' : 'jsx' }];
}

function componentBlocks(text: string): ScriptBlock[] {
  const blocks: ScriptBlock[] = [];
  const frontmatter = /^\s*---\r?\n([\s\S]*?)\r?\n---/.exec(text);
  if (frontmatter !== null) blocks.push({ text: keepOnly(text, text.indexOf(frontmatter[1] ?? ''), frontmatter[1] ?? ''), lang: 'ts' });
  for (const match of text.matchAll(/<script\b((?:"[^"]*"|'[^']*'|[^>"'])*)>([\s\S]*?)<\/script\s*>/gi)) {
    const [whole, attributes = '', body = ''] = match;
    const lang = /\blang\s*=\s*["']?(tsx?|jsx)/i.exec(attributes)?.[1]?.toLowerCase();
    // Astro's and Svelte's own scripts may be TypeScript without saying so; what TypeScript adds is no error to read past.
    blocks.push({ text: keepOnly(text, match.index + whole.indexOf(body, attributes.length), body), lang: lang === 'tsx' || lang === 'jsx' ? lang : 'ts' });
  }
  return blocks;
}

function keepOnly(text: string, start: number, body: string): string {
  return text.slice(0, start).replaceAll(/[^\r\n]/g, ' ') + body;
}
