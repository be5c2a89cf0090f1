// What this program asks, and nothing more: graphql-codegen checks it against the schema and writes its types.
import { graphql } from './generated/index.js';

export const createOrganisation = graphql(`
  mutation CreateOrganisation($input: CreateOrganisationInput!) {
    createOrganisation(input: $input) {
      organisation { id name policyNumbers }
      userErrors { code message path }
    }
  }
`);

export const setAccountLimit = graphql(`
  mutation SetAccountLimit($id: ID!, $maximum: Int!) {
    updateOrganisation(input: { id: $id, accountLimit: $maximum }) {
      organisation { accountLimit { maximum used } }
      userErrors { code message path }
    }
  }
`);

export const inviteUser = graphql(`
  mutation InviteUser($input: InviteUserInput!) {
    inviteUser(input: $input) {
      invitation { id status expiresAt }
      userErrors { code message path }
    }
  }
`);

export const listUsers = graphql(`
  query ListUsers($organisation: ID!, $first: Int!, $after: String) {
    organisation(id: $organisation) {
      users(first: $first, after: $after) {
        nodes { id displayName email role status }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`);

export const readAudit = graphql(`
  query ReadAudit($organisation: ID!, $first: Int!, $after: String) {
    organisation(id: $organisation) {
      auditEvents(first: $first, after: $after) {
        nodes { sequence at action targetId }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`);

export const importUsers = graphql(`
  mutation ImportUsers($input: ImportUsersInput!) {
    importUsers(input: $input) {
      import { id total }
      userErrors { code message path }
    }
  }
`);

export const readImport = graphql(`
  query ReadImport($id: ID!, $first: Int!, $after: String) {
    import(id: $id) {
      state
      total
      done
      failed
      rows(state: FAILED, first: $first, after: $after) {
        nodes { number userErrors { code message path } }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`);

export const createWebhookEndpoint = graphql(`
  mutation CreateWebhookEndpoint($input: CreateWebhookEndpointInput!) {
    createWebhookEndpoint(input: $input) {
      endpoint { id }
      secret
      userErrors { code message path }
    }
  }
`);
