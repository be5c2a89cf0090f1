// Each row breaks a small schema in one way, or makes it longer in one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { complaints } from './compare.mjs';

const released = `
directive @access(to: [Audience!]!, scope: Scope) on FIELD_DEFINITION
enum Audience { ANYONE PARTNER }
enum Scope { READ }
enum Code { WRONG LATE }
input MakeInput { name: String! size: Int }
type Thing { id: ID! name: String! size: Int code: Code! }
union Step = Thing | Other
type Other { id: ID! }
type Query { thing(id: ID!): Thing @access(to: [PARTNER], scope: READ) step: Step @access(to: [ANYONE]) }
type Mutation { make(input: MakeInput!): Thing @access(to: [PARTNER]) }
`;

const breaks = {
  'a field removed': ['name: String! size: Int code', 'size: Int code', "Thing.name"],
  'a type removed': ['union Step = Thing | Other', 'union Step = Thing', 'Step'],
  'a field that may be null now': ['name: String! size: Int code', 'name: String size: Int code', 'Thing.name'],
  'a new argument that is required': ['thing(id: ID!)', 'thing(id: ID!, at: Int!)', 'Query.thing'],
  'a new field of an input that is required': ['name: String! size: Int }', 'name: String! size: Int at: Int! }', 'MakeInput.at'],
  'a field of an input that is required now': ['name: String! size: Int }', 'name: String! size: Int! }', 'MakeInput.size'],
  'a value of an enum removed': ['WRONG LATE', 'WRONG', 'Code.LATE'],
  'a field for fewer callers': ['to: [ANYONE]', 'to: [PARTNER]', 'Query.step'],
  'a field that asks for a scope now': ['Thing @access(to: [PARTNER]) }', 'Thing @access(to: [PARTNER], scope: READ) }', 'Mutation.make'],
};

for (const [name, [was, is, place]] of Object.entries(breaks)) {
  test(`${name} is a breaking change`, async () => {
    assert.ok(released.includes(was));
    const found = await complaints(released, released.replace(was, is));
    assert.ok(found.some((complaint) => complaint.includes(place)), JSON.stringify(found));
  });
}

const grows = {
  'a new field': ['name: String! size: Int code', 'name: String! at: Int size: Int code'],
  'a new argument that can be left out': ['thing(id: ID!)', 'thing(id: ID!, at: Int)'],
  'a new field of an input that can be left out': ['size: Int }', 'size: Int at: Int }'],
  'a new value of an enum': ['WRONG LATE', 'WRONG LATE EARLY'],
  'a new field for some callers': ['type Query { thing', 'type Query { own: Thing @access(to: [PARTNER], scope: READ) thing'],
  'a field for more callers': ['to: [ANYONE]', 'to: [ANYONE, PARTNER]'],
  'a deprecated field': ['size: Int code', 'size: Int @deprecated(reason: "Use code.") code'],
};

for (const [name, [was, is]] of Object.entries(grows)) {
  test(`${name} breaks nothing`, async () => {
    assert.ok(released.includes(was));
    assert.deepEqual(await complaints(released, released.replace(was, is)), []);
  });
}

test('a change that is meant is accepted with its reason, as long as it is there', async () => {
  const without = released.replace('WRONG LATE', 'WRONG');
  const line = "Code.LATE: Enum value 'LATE' was removed from enum 'Code'";
  assert.deepEqual(await complaints(released, without, { [line]: 'nobody was ever late' }), []);
  assert.deepEqual(await complaints(released, released, { [line]: 'nobody was ever late' }), [`accepted, and not there: ${line}`]);
});
