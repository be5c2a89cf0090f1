// What a schema breaks of an older one: what a program would notice that was made for the older one.
import { CriticalityLevel, diff } from '@graphql-inspector/core';
import { buildSchema } from 'graphql';

// Lists that grow: docs/partners.md promises that programs take what they don't know for news, and leave out what is optional.
const growth = new Set(['ENUM_VALUE_ADDED', 'INPUT_FIELD_ADDED', 'FIELD_ARGUMENT_ADDED', 'TYPE_ADDED']);

/**
 * Compares two schemas. accepted has, for each change that is meant, its line and why; one that isn't there any more has to go.
 * Answers complaints: none where the new schema may be released.
 */
export async function complaints(released, current, accepted = {}) {
  const changes = await diff(buildSchema(released), buildSchema(current));
  const added = new Set(changes.filter(({ type }) => type === 'FIELD_ADDED' || type === 'TYPE_ADDED').map(({ path }) => path));
  const breaking = new Set(changes.filter((change) => isBreaking(change, added)).map(({ path, message }) => `${path}: ${message}`));
  const unknown = [...breaking].filter((line) => !accepted[line]);
  const stale = Object.keys(accepted).filter((line) => !breaking.has(line));
  return [...unknown, ...stale.map((line) => `accepted, and not there: ${line}`)];
}

function isBreaking({ type, path = '', meta, criticality: { level } }, added) {
  if (/\.@sensitive\b/.test(path)) return false; // what isn't logged is nobody's contract
  const [place, rule] = path.split('.@access');
  if (rule !== undefined && path.includes('.')) {
    return !added.has(place) && !added.has(place.split('.')[0]) && !widens(type, rule, meta);
  }
  return level === CriticalityLevel.Breaking || (level === CriticalityLevel.Dangerous && !growth.has(type));
}

/** Tells whether a change of who may use a field only lets more callers in. It comes as a removal and an addition. */
function widens(type, rule, { oldArgumentValue, addedArgumentValue }) {
  if (rule !== '.to') return false;
  if (type === 'DIRECTIVE_USAGE_ARGUMENT_REMOVED') return true; // the addition says
  return words(oldArgumentValue).every((audience) => words(addedArgumentValue).includes(audience));
}

const words = (list) => list?.match(/\w+/g) ?? [];
