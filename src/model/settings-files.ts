const SCRIPT = /\.(?:[cm]?[jt]s|[jt]sx|vue|svelte|astro)$/;
/** Scripts by whose names some tool or other knows its configuration. */
const CONFIGURATION = /(?:^|\/)(?:\.[^/]+|[^/]*[.-](?:config|conf|rc|setup|preset)|[^/]*rc)\.(?:[cm]?[jt]s)$/;
/** Text, styles and pictures, which no linter of scripts takes for configuration unless it is told to. */
const TEXT = /\.(?:md|markdown|mdx|txt|rst|adoc|html?|s?css|sass|less|styl|svg|png|jpe?g|gif|webp|avif|ico|pdf|woff2?|ttf|snap|csv|map|log|sh|py|rb|go|rs|sql)$/i;

/** Whether a linter that is told of nothing but sources may read the file by itself. */
export function mayHoldSettings(file: string): boolean {
  return SCRIPT.test(file) ? CONFIGURATION.test(file) : !TEXT.test(file);
}
