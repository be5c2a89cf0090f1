/* eslint-disable */
import * as types from './graphql.js';



/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
    "\n  mutation CreateOrganisation($input: CreateOrganisationInput!) {\n    createOrganisation(input: $input) {\n      organisation { id name policyNumbers }\n      userErrors { code message path }\n    }\n  }\n": typeof types.CreateOrganisationDocument,
    "\n  mutation SetAccountLimit($id: ID!, $maximum: Int!) {\n    updateOrganisation(input: { id: $id, accountLimit: $maximum }) {\n      organisation { accountLimit { maximum used } }\n      userErrors { code message path }\n    }\n  }\n": typeof types.SetAccountLimitDocument,
    "\n  mutation InviteUser($input: InviteUserInput!) {\n    inviteUser(input: $input) {\n      invitation { id status expiresAt }\n      userErrors { code message path }\n    }\n  }\n": typeof types.InviteUserDocument,
    "\n  query ListUsers($organisation: ID!, $first: Int!, $after: String) {\n    organisation(id: $organisation) {\n      users(first: $first, after: $after) {\n        nodes { id displayName email role status }\n        pageInfo { hasNextPage endCursor }\n      }\n    }\n  }\n": typeof types.ListUsersDocument,
    "\n  query ReadAudit($organisation: ID!, $first: Int!, $after: String) {\n    organisation(id: $organisation) {\n      auditEvents(first: $first, after: $after) {\n        nodes { sequence at action targetId }\n        pageInfo { hasNextPage endCursor }\n      }\n    }\n  }\n": typeof types.ReadAuditDocument,
    "\n  mutation ImportUsers($input: ImportUsersInput!) {\n    importUsers(input: $input) {\n      import { id total }\n      userErrors { code message path }\n    }\n  }\n": typeof types.ImportUsersDocument,
    "\n  query ReadImport($id: ID!, $first: Int!, $after: String) {\n    import(id: $id) {\n      state\n      total\n      done\n      failed\n      rows(state: FAILED, first: $first, after: $after) {\n        nodes { number userErrors { code message path } }\n        pageInfo { hasNextPage endCursor }\n      }\n    }\n  }\n": typeof types.ReadImportDocument,
    "\n  mutation CreateWebhookEndpoint($input: CreateWebhookEndpointInput!) {\n    createWebhookEndpoint(input: $input) {\n      endpoint { id }\n      secret\n      userErrors { code message path }\n    }\n  }\n": typeof types.CreateWebhookEndpointDocument,
};
const documents: Documents = {
    "\n  mutation CreateOrganisation($input: CreateOrganisationInput!) {\n    createOrganisation(input: $input) {\n      organisation { id name policyNumbers }\n      userErrors { code message path }\n    }\n  }\n": types.CreateOrganisationDocument,
    "\n  mutation SetAccountLimit($id: ID!, $maximum: Int!) {\n    updateOrganisation(input: { id: $id, accountLimit: $maximum }) {\n      organisation { accountLimit { maximum used } }\n      userErrors { code message path }\n    }\n  }\n": types.SetAccountLimitDocument,
    "\n  mutation InviteUser($input: InviteUserInput!) {\n    inviteUser(input: $input) {\n      invitation { id status expiresAt }\n      userErrors { code message path }\n    }\n  }\n": types.InviteUserDocument,
    "\n  query ListUsers($organisation: ID!, $first: Int!, $after: String) {\n    organisation(id: $organisation) {\n      users(first: $first, after: $after) {\n        nodes { id displayName email role status }\n        pageInfo { hasNextPage endCursor }\n      }\n    }\n  }\n": types.ListUsersDocument,
    "\n  query ReadAudit($organisation: ID!, $first: Int!, $after: String) {\n    organisation(id: $organisation) {\n      auditEvents(first: $first, after: $after) {\n        nodes { sequence at action targetId }\n        pageInfo { hasNextPage endCursor }\n      }\n    }\n  }\n": types.ReadAuditDocument,
    "\n  mutation ImportUsers($input: ImportUsersInput!) {\n    importUsers(input: $input) {\n      import { id total }\n      userErrors { code message path }\n    }\n  }\n": types.ImportUsersDocument,
    "\n  query ReadImport($id: ID!, $first: Int!, $after: String) {\n    import(id: $id) {\n      state\n      total\n      done\n      failed\n      rows(state: FAILED, first: $first, after: $after) {\n        nodes { number userErrors { code message path } }\n        pageInfo { hasNextPage endCursor }\n      }\n    }\n  }\n": types.ReadImportDocument,
    "\n  mutation CreateWebhookEndpoint($input: CreateWebhookEndpointInput!) {\n    createWebhookEndpoint(input: $input) {\n      endpoint { id }\n      secret\n      userErrors { code message path }\n    }\n  }\n": types.CreateWebhookEndpointDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CreateOrganisation($input: CreateOrganisationInput!) {\n    createOrganisation(input: $input) {\n      organisation { id name policyNumbers }\n      userErrors { code message path }\n    }\n  }\n"): typeof import('./graphql.js').CreateOrganisationDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation SetAccountLimit($id: ID!, $maximum: Int!) {\n    updateOrganisation(input: { id: $id, accountLimit: $maximum }) {\n      organisation { accountLimit { maximum used } }\n      userErrors { code message path }\n    }\n  }\n"): typeof import('./graphql.js').SetAccountLimitDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation InviteUser($input: InviteUserInput!) {\n    inviteUser(input: $input) {\n      invitation { id status expiresAt }\n      userErrors { code message path }\n    }\n  }\n"): typeof import('./graphql.js').InviteUserDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ListUsers($organisation: ID!, $first: Int!, $after: String) {\n    organisation(id: $organisation) {\n      users(first: $first, after: $after) {\n        nodes { id displayName email role status }\n        pageInfo { hasNextPage endCursor }\n      }\n    }\n  }\n"): typeof import('./graphql.js').ListUsersDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ReadAudit($organisation: ID!, $first: Int!, $after: String) {\n    organisation(id: $organisation) {\n      auditEvents(first: $first, after: $after) {\n        nodes { sequence at action targetId }\n        pageInfo { hasNextPage endCursor }\n      }\n    }\n  }\n"): typeof import('./graphql.js').ReadAuditDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ImportUsers($input: ImportUsersInput!) {\n    importUsers(input: $input) {\n      import { id total }\n      userErrors { code message path }\n    }\n  }\n"): typeof import('./graphql.js').ImportUsersDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ReadImport($id: ID!, $first: Int!, $after: String) {\n    import(id: $id) {\n      state\n      total\n      done\n      failed\n      rows(state: FAILED, first: $first, after: $after) {\n        nodes { number userErrors { code message path } }\n        pageInfo { hasNextPage endCursor }\n      }\n    }\n  }\n"): typeof import('./graphql.js').ReadImportDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CreateWebhookEndpoint($input: CreateWebhookEndpointInput!) {\n    createWebhookEndpoint(input: $input) {\n      endpoint { id }\n      secret\n      userErrors { code message path }\n    }\n  }\n"): typeof import('./graphql.js').CreateWebhookEndpointDocument;


export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}
