// What is asked of the schema, with the reason where a rule is left off.
import graphql from '@graphql-eslint/eslint-plugin';

export default [
  {
    files: ['**/*.graphqls'],
    languageOptions: {
      parser: graphql.parser,
      parserOptions: { graphQLConfig: { schema: ['schema.graphqls', 'graph/schema/*.graphqls'] } },
    },
    plugins: { '@graphql-eslint': graphql },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      // Everything says what it is, but for a mutation's input, whose type does, and an id.
      '@graphql-eslint/require-description': [
        'error',
        {
          types: true, rootField: true, FieldDefinition: true, InputValueDefinition: true, EnumValueDefinition: true, DirectiveDefinition: true,
          ignoredSelectors: ['FieldDefinition > InputValueDefinition[name.value=/^(input|id)$/]'],
        },
      ],
      '@graphql-eslint/no-hashtag-description': 'off', // comments head the sections of schema.graphqls
      // Lists are connections, by the letter of the GraphQL Cursor Connections Specification, but for one: pages go forward.
      '@graphql-eslint/relay-connection-types': 'error',
      '@graphql-eslint/relay-edge-types': ['error', { withEdgeSuffix: true, shouldImplementNode: false, listTypeCanWrapOnlyEdgeType: false }],
      '@graphql-eslint/relay-page-info': 'error',
      '@graphql-eslint/relay-arguments': 'off', // it takes no default for first, and lists here go forward only
      // A mutation takes one input, named for it where nobody else takes it.
      '@graphql-eslint/input-name': ['error', { checkInputType: false, caseSensitiveInputType: false }],
      '@graphql-eslint/require-nullable-fields-with-oneof': 'error',
      // What is deprecated says why, and until when it stays.
      '@graphql-eslint/require-deprecation-reason': 'error',
      '@graphql-eslint/require-deprecation-date': 'error',
      // Names.
      '@graphql-eslint/naming-convention': [
        'error',
        {
          types: 'PascalCase', FieldDefinition: 'camelCase', InputValueDefinition: 'camelCase', Argument: 'camelCase',
          DirectiveDefinition: 'camelCase', EnumValueDefinition: 'UPPER_CASE',
          'FieldDefinition[parent.name.value=Query]': { forbiddenPrefixes: ['get', 'query'] },
          'FieldDefinition[parent.name.value=Mutation]': { forbiddenSuffixes: ['Mutation'] },
          InputObjectTypeDefinition: { style: 'PascalCase', requiredSuffixes: ['Input'] },
        },
      ],
      '@graphql-eslint/no-typename-prefix': 'error',
      '@graphql-eslint/no-duplicate-fields': 'error',
      '@graphql-eslint/unique-enum-value-names': 'error',
      '@graphql-eslint/no-unreachable-types': 'error',
      '@graphql-eslint/alphabetize': 'off', // what belongs together stands together, weakest first, first asked first
      '@graphql-eslint/strict-id-in-types': 'off', // values, connections and payloads have no id
    },
  },
  { files: ['**/user.graphqls'], rules: { '@graphql-eslint/no-typename-prefix': 'off' } }, // username is one word
];
