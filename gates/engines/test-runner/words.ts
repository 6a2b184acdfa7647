/**
 * The words without the named options. A name that ends in `=` takes a value, as part of the word or as the next one; any
 * other stands alone, but may be written `--name=value` too.
 */
export function withoutOptions(words: readonly string[], names: readonly string[]): readonly string[] {
  const valued = new Set(names.filter((name) => name.endsWith('=')).map((name) => name.slice(0, -1)));
  const plain = new Set(names.filter((name) => !name.endsWith('=')));
  const kept: string[] = [];
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    const [name = ''] = word.split('=', 1);
    if (valued.has(name)) index += word.includes('=') ? 0 : 1;
    else if (!plain.has(name)) kept.push(word);
  }
  return kept;
}
