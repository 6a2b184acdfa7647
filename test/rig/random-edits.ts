import { readdirSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync, mkdirSync, existsSync } from 'node:fs';
import path from 'node:path';

/** One change of a tree, in words. */
export type Edit = string;

/** Changes a tree at random, always the same way for the same numbers. What it was at first is remembered, and comes back now and then. */
export class RandomEdits {
  readonly #root: string;
  readonly #random: () => number;
  readonly #first: ReadonlyMap<string, string>;
  #count = 0;

  constructor(root: string, random: () => number) {
    this.#root = root;
    this.#random = random;
    this.#first = new Map(this.#list().map((file) => [file, this.#read(file)]));
  }

  next(): Edit {
    this.#count += 1;
    const roll = this.#random();
    if (roll < 0.22) return this.#restore();
    if (roll < 0.62) return this.#inText();
    if (roll < 0.80) return this.#ofNames();
    if (roll < 0.86) return this.#inDocuments();
    return this.#ofSurroundings();
  }

  #restore(): Edit {
    const changed = [...this.#first].filter(([file, text]) => !existsSync(this.#at(file)) || this.#read(file) !== text);
    if (changed.length === 0) return this.#inText();
    for (const file of this.#list()) if (!this.#first.has(file) && this.#random() < 0.5) rmSync(this.#at(file));
    const some = changed.filter(() => this.#random() < 0.6);
    for (const [file, text] of some) this.#write(file, text);
    return `restore ${some.map(([file]) => file).join(', ')}`;
  }

  #inText(): Edit {
    const file = this.#pick(this.#list().filter((one) => /^src\/.*\.ts$/.test(one)));
    const text = this.#read(file);
    const lines = text.split('\n');
    const line = Math.floor(this.#random() * lines.length);
    const n = this.#count;
    const changes: readonly (readonly [string, string])[] = [
      ['a local', `${text}const local${n} = ${n};\nvoid local${n};\n`],
      ['an export', `${text}/** More. */\nexport const more${n} = ${n};\n`],
      ['a type error', `${text}/** Wrong. */\nexport const wrong${n}: string = ${n};\n`],
      ['a lint error', `${text}var sloppy${n} = Promise.resolve(1);\nsloppy${n}.then(String);\n`],
      ['danger', `${text}/** Bad. */\nexport const bad${n} = (x: string): unknown => eval(x);\n`],
      ['a pattern', `${text}/** Slow. */\nexport const slow${n} = /(a+)+$/;\n`],
      ['an import', `import { price as p${n} } from './price.ts';\nvoid p${n};\n${text}`],
      ['an import of nothing', `import { x${n} } from './made${n % 3}.ts';\nvoid x${n};\n${text}`],
      ['another import', `import { old as o${n} } from './units.ts';\nvoid o${n};\n${text}`],
      ['number for string', text.replace(/\bstring\b/, 'number')],
      ['string for number', text.replace(/\bnumber\b/, 'string')],
      ['no export', text.replace(/\bexport (?=const|function|class|interface|type|enum)/, '')],
      ['another name', text.replace(/(export (?:const|function|class|interface|type|enum) )(\w+)/, `$1$2${n}`)],
      ['no return type', text.replace(/\): (?:string|number|never|this|asserts value is string|Promise<string>) /, ') ')],
      ['private', text.replace('protected', 'private')],
      ['other private', text.replace('private parts: Part[]', 'private parts: string | Part[]')],
      ['undeprecated', text.replace('@deprecated', '@internal')],
      ['an enum value', text.replace("Blue = 'blue',", "Blue = 'blue',\n  Green = 'green',")],
      ['augmentation', text.replace('extra?: number', 'extra?: string')],
      ['global', text.replace('city: string', 'town: string')],
      ['a constant', text.replace(/\d+/, String(n))],
      ['unchecked', `// @ts-nocheck\n${text}`],
      ['a comment', `${text}// ${n}\n`],
      ['a line less', lines.toSpliced(line, 1).join('\n')],
      ['a line twice', lines.toSpliced(line, 0, lines[line] ?? '').join('\n')],
      ['rubble', lines.toSpliced(line, 0, '}{').join('\n')],
      ['a body', text.replace(/(?<=\) ?(?:: [\w ]+)?\{\n)/, `  void ${n};\n`)],
    ];
    const useful = changes.filter(([, changed]) => changed !== text);
    const [what, changed] = this.#pick(useful);
    this.#write(file, changed);
    return `${what} in ${file}`;
  }

  #ofNames(): Edit {
    const sources = this.#list().filter((one) => /^src\/.*\.(?:ts|json)$/.test(one));
    const file = this.#pick(sources);
    const n = this.#count;
    switch (Math.floor(this.#random() * 7)) {
      case 0:
        rmSync(this.#at(file));
        return `remove ${file}`;
      case 1: {
        const target = file.replace(/(\.test)?(\.d)?\.(ts|json)$/, `${n}$&`);
        renameSync(this.#at(file), this.#at(target));
        return `rename ${file} to ${target}`;
      }
      case 2: {
        const target = file.replace(/(\.test)?(\.d)?\.(ts|json)$/, `${n}$&`);
        renameSync(this.#at(file), this.#at(target));
        for (const one of this.#list()) if (/\.(?:ts|md)$/.test(one)) this.#write(one, this.#read(one).replaceAll(`./${path.basename(file)}`, `./${path.basename(target)}`));
        return `move ${file} to ${target}, with its imports`;
      }
      case 3:
        this.#write(`src/made${n % 3}.ts`, `import { total } from './price.ts';\n\n/** New. */\nexport const x${n} = total([]);\n`);
        return `new src/made${n % 3}.ts`;
      case 4:
        this.#write(`src/global${n}.d.ts`, n % 2 === 0 ? 'interface String {\n  readonly loud: boolean;\n}\n' : `declare const LATE${n}: number;\n`);
        return 'new global declarations';
      case 5:
        // A declaration beside a source, a folder beside a file: who wins?
        this.#write('src/parts.d.ts', 'export interface Part {\n  readonly name: number;\n}\n');
        return 'new src/parts.d.ts';
      default:
        utimesSync(this.#at(file), new Date(), new Date());
        return `touch ${file}`;
    }
  }

  #inDocuments(): Edit {
    const file = this.#pick(['README.md', 'docs/guide.md']);
    const text = existsSync(this.#at(file)) ? this.#read(file) : '';
    const n = this.#count;
    this.#write(file, this.#pick([`${text}\n[more](src/made${n % 3}.ts)\n`, text.replace('## Wheels', '## Tyres'), text.replace('# Workshop', '# Shop'), `${text}\n\`\`\`ts\nconst x = ;\n\`\`\`\n`]));
    return `words in ${file}`;
  }

  #ofSurroundings(): Edit {
    const n = this.#count;
    const edits: readonly (readonly [string, () => void])[] = [
      ['tsconfig', () => { this.#replace('tsconfig.json', '"strict": true', '"strict": false'); }],
      ['tsconfig, unused locals', () => { this.#replace('tsconfig.json', '"noUnusedLocals": true', '"noUnusedLocals": false'); }],
      ['severities', () => { this.#replace('lint/severities.js', n % 2 === 0 ? "'error'" : "'warn'", "'off'"); }],
      ['eslint.config.js', () => { this.#replace('eslint.config.js', "no-deprecated': 'error'", "no-deprecated': 'off'"); }],
      ['package.json', () => { this.#replace('package.json', '"type": "module"', '"type": "commonjs"'); }],
      ['declarations of a package', () => { this.#replace('node_modules/tiny/index.d.ts', ': number', ': string'); }],
      ['manifest of a package', () => { this.#replace('node_modules/tiny/package.json', './index.d.ts', './other.d.ts'); }],
      ['a package', () => { this.#write(`node_modules/late${n}/package.json`, '{ "name": "late" }'); }],
      ['automatic types', () => { this.#write('node_modules/@types/loud/index.d.ts', 'interface Array<T> { readonly loud: T }\n'); }],
      ['an ignored source', () => { this.#write('.gitignore', 'node_modules/\nsrc/made*\n'); }],
    ];
    const [what, edit] = this.#pick(edits);
    edit();
    return what;
  }

  #replace(file: string, from: string, to: string): void {
    const text = existsSync(this.#at(file)) ? this.#read(file) : (this.#first.get(file) ?? '');
    this.#write(file, text.includes(from) ? text.replace(from, to) : text.replace(to, from));
  }

  #list(): string[] {
    return readdirSync(this.#root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(this.#root, path.join(entry.parentPath, entry.name)))
      .filter((file) => !file.startsWith('.git/') && (!file.startsWith('node_modules/') || file.startsWith('node_modules/tiny/')))
      .sort();
  }

  #pick<T>(items: readonly T[]): T {
    const item = items[Math.floor(this.#random() * items.length)];
    if (item === undefined) throw new Error('nothing to choose from');
    return item;
  }

  #at(file: string): string {
    return path.join(this.#root, file);
  }

  #read(file: string): string {
    return readFileSync(this.#at(file), 'utf8');
  }

  #write(file: string, text: string): void {
    mkdirSync(path.dirname(this.#at(file)), { recursive: true });
    writeFileSync(this.#at(file), text);
  }
}
