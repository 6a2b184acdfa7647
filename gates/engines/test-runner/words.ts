/**
 * The words without the named options. A name that ends in `=` takes a value, as part of the word or as the next one; one
 * that ends in `=*` takes all words up to the next option. Any other stands alone, but may be written `--name=value`, and
 * `--name false` too.
 */
export function withoutOptions(words: readonly string[], names: readonly string[]): readonly string[] {
  const lists = new Set(names.filter((name) => name.endsWith('=*')).map((name) => name.slice(0, -2)));
  const valued = new Set(names.filter((name) => name.endsWith('=')).map((name) => name.slice(0, -1)));
  const plain = new Set(names.filter((name) => !/=\*?$/.test(name)));
  const kept: string[] = [];
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    const [name = ''] = word.split('=', 1);
    const hasValue = word.includes('=');
    if (lists.has(name)) {
      while (!hasValue && words[index + 1]?.startsWith('-') === false) index += 1;
    } else if (valued.has(name)) index += hasValue ? 0 : 1;
    else if (plain.has(name)) index += !hasValue && /^(?:true|false)$/.test(words[index + 1] ?? '') ? 1 : 0;
    else kept.push(word);
  }
  return kept;
}
