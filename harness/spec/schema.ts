import { z } from 'zod';
import { nearest } from './nearest.js';

function at(path: readonly PropertyKey[]): string {
  return path.length === 0 ? 'at the top' : `at ${path.map(String).join('.')}`;
}

/** The keys that the schema takes at `path`; empty where it is no object. */
function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): readonly string[] {
  let node: z.ZodType | undefined = schema;
  for (const step of path) {
    while (node instanceof z.ZodOptional || node instanceof z.ZodDefault) node = node.unwrap() as z.ZodType;
    if (node instanceof z.ZodObject) node = (node.shape as Record<string, z.ZodType>)[String(step)];
    else if (node instanceof z.ZodArray) node = node.element as z.ZodType;
    else if (node instanceof z.ZodRecord) node = node.valueType as z.ZodType;
    else return [];
  }
  while (node instanceof z.ZodOptional || node instanceof z.ZodDefault) node = node.unwrap() as z.ZodType;
  return node instanceof z.ZodObject ? Object.keys(node.shape) : [];
}

/** What a schema found wrong, for a person: each place, what was expected, and for an unknown key the nearest valid one. */
export function describeIssues(error: z.ZodError, schema: z.ZodType): string {
  return error.issues
    .map((issue) => {
      if (issue.code === 'invalid_key') return `${at(issue.path)}: ${issue.issues.map(({ message }) => message).join(', ')}`;
      if (issue.code !== 'unrecognized_keys') return `${at(issue.path)}: ${issue.message}`;
      const known = keysAt(schema, issue.path);
      return issue.keys
        .map((key) => {
          const meant = nearest(key, known);
          return `${at(issue.path)}: unknown key "${key}"; ${meant === undefined ? `valid are ${known.join(', ')}` : `did you mean "${meant}"?`}`;
        })
        .join('; ');
    })
    .join('; ');
}
