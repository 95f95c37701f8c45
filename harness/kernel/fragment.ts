/** The value of each option that a Kconfig fragment or a `.config` sets; the last assignment wins. `n` for "is not set". */
export function parseFragment(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const line of text.split('\n')) {
    const set = /^(CONFIG_\w+)=(.*?)\s*$/.exec(line);
    const unset = /^# (CONFIG_\w+) is not set\s*$/.exec(line);
    if (set?.[1] !== undefined) values.set(set[1], set[2] ?? '');
    else if (unset?.[1] !== undefined) values.set(unset[1], 'n');
  }
  return values;
}

/** The `depends on` lines of the entries of an option, from the text of Kconfig files. */
export function dependenciesIn(kconfig: string, option: string): readonly string[] {
  const name = option.replace(/^CONFIG_/, '');
  const found: string[] = [];
  let inside = false;
  for (const line of kconfig.split('\n')) {
    const entry = /^\s*(?:menu)?config\s+(\w+)\s*$/.exec(line);
    if (entry) inside = entry[1] === name;
    else if (/^\s*(?:choice|endchoice|menu|endmenu|if|endif|source|comment)\b/.test(line)) inside = false;
    const depends = inside ? /^\s*depends on\s+(.*?)\s*$/.exec(line) : null;
    if (depends?.[1] !== undefined && !found.includes(depends[1])) found.push(depends[1]);
  }
  return found;
}
