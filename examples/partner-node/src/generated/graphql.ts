/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import { ErrorCode } from '../open.js';
import { AuditAction } from '../open.js';
import { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
export { AuditAction };

/** A business identity that an organisation shall have. */
export type BusinessIdentityInput = {
  /** The establishments that may act, at most 200; all that the register lists where it is left out or empty. */
  establishmentNumbers?: Array<string> | null | undefined;
  /** The number in the trade register. Another organisation of the portal must not have it. */
  kvkNumber: string;
};

/** An organisation to be created. */
export type CreateOrganisationInput = {
  /** How many accounts it may have; the portal's own limit where it is left out. */
  accountLimit?: number | null | undefined;
  /** The businesses that it is, at most 50. The trade register is asked about them afterwards; nobody waits for its answer. */
  businessIdentities?: Array<BusinessIdentityInput> | null | undefined;
  /** The short name for sign-in, where the portal asks for one; unique in the portal. */
  code?: string | null | undefined;
  /** Makes a second sending of the same request answer the first result, for 24 hours at least. 1 to 255 visible characters of ASCII. */
  idempotencyKey?: string | null | undefined;
  /** Gets an invitation. It can be left out where people register with a policy number: whoever does so first is the main user. */
  mainUser?: MainUserInput | null | undefined;
  /** Its name, at most 200 characters. */
  name: string;
  /**
   * Makes it a private customer, an organisation of one: that person is its only user. Nothing is mailed: they come in through an
   * identification provider, or with the link that sendAccountLink mails. Such an organisation has no code, account limit,
   * business identities, policy numbers or mainUser of its own.
   */
  person?: PersonInput | null | undefined;
  /** Its policy numbers, at most 200. Another organisation of the portal must not have them. */
  policyNumbers?: Array<string> | null | undefined;
};

/** A webhook endpoint to be made. */
export type CreateWebhookEndpointInput = {
  /** The actions whose events are sent; all, where it is left out or empty. */
  actions?: Array<AuditAction>;
  /** At most 200 characters. */
  description?: string;
  /** Makes a second sending of the same request answer the first result, for 24 hours at least. 1 to 255 visible characters of ASCII. */
  idempotencyKey?: string | null | undefined;
  /** Whose events; the token's own organisation, or every customer's, where it is left out. */
  organisationId?: string | null | undefined;
  /** Where to: https, to a public address; port 443, or 1024 and up. At most 2000 characters. */
  url: string;
};

export { ErrorCode };

/** Where an import stands. */
export type ImportState =
  /** Some of its rows wait. */
  | 'RUNNING'
  /** All the rows that came are done or failed. More may come. */
  | 'SETTLED';

/** The secret of an authenticator app. Codes of six digits every thirty seconds by SHA1 are what can be compared: others are refused. */
export type ImportTotpInput = {
  /** What the codes are made with: SHA1. */
  algorithm?: string;
  /** How many a code has: 6. */
  digits?: number;
  /** How long a code lasts, in seconds: 30. */
  period?: number;
  /** In base32: 10 to 64 bytes. Case, spaces, dashes and padding don't matter. */
  secret: string;
};

/** A user from another system. Without a password hash they are invited; with one they can sign in at once, and are mailed nothing. */
export type ImportUserInput = {
  /** Their full name, at most 200 characters. */
  displayName: string;
  /** Their address. */
  email: string;
  /** From 1 to 100,000; each row of an import has its own. */
  number: number;
  /** To which organisation; the caller's own where it is left out. */
  organisationId?: string | null | undefined;
  /**
   * The hash of their password, which is replaced by one of ours when it is first right: argon2id, PBKDF2 or scrypt as a PHC
   * string or as passlib or Django writes them, bcrypt in its modular form. One that would cost more than a second or so is
   * refused: bcrypt above cost 13, PBKDF2 above 2,000,000 iterations, scrypt above N=131072 with r=8, argon2id above 512 MiB
   * of memory times passes. The portal's rules for passwords aren't asked.
   */
  passwordHash?: string | null | undefined;
  /** What they will be. */
  role?: UserRole;
  /** The secret of their authenticator app, which becomes their factor; with a password hash alone. */
  totp?: ImportTotpInput | null | undefined;
  /** Their user name, where the portal asks for one. */
  username?: string | null | undefined;
};

/** Rows of users. */
export type ImportUsersInput = {
  /**
   * What to call the import, as long as one likes to go on with it: 1 to 255 visible characters of ASCII. The first call with it
   * makes the import, each further one adds to it.
   */
  key: string;
  /** They are 1 to 200. */
  rows: Array<ImportUserInput>;
  /** Whether whoever comes without a password hash is mailed their invitation. Without it resendInvitation mails it later. */
  sendInvitations?: boolean;
};

/** How an invited person is to sign in. */
export type InvitationSignIn =
  /** Through an identification provider for businesses: beginBusinessSignIn takes the link's token. */
  | 'BUSINESS'
  /** By a password that they choose behind the link. */
  | 'PASSWORD';

/** Where an invitation stands. */
export type InvitationStatus =
  /** The person is a user. */
  | 'ACCEPTED'
  /** Its time has run out; sending it again gives it a new one. */
  | 'EXPIRED'
  /** Open. */
  | 'PENDING'
  /** Taken back. */
  | 'REVOKED';

/** A person to be invited. */
export type InviteUserInput = {
  /** Their full name, at most 200 characters. */
  displayName: string;
  /** Where the link goes. */
  email: string;
  /** Makes a second sending of the same request answer the first result, for 24 hours at least. 1 to 255 visible characters of ASCII. */
  idempotencyKey?: string | null | undefined;
  /** To which organisation; the caller's own where it is left out. */
  organisationId?: string | null | undefined;
  /** What they will be. */
  role?: UserRole;
  /** How they are to sign in. Who comes through an identification provider takes no place under the account limit, and has no user name. */
  signIn?: InvitationSignIn;
  /** Their user name, where the portal asks for one. */
  username?: string | null | undefined;
};

/** Who will answer for a new organisation. */
export type MainUserInput = {
  /** Their name. */
  displayName: string;
  /** Where the invitation goes. */
  email: string;
  /** Their user name, where the portal asks for one. */
  username?: string | null | undefined;
};

/** Who a private customer is. Each text has at most 200 characters; what is left out isn't known, and nobody is recognised by it. */
export type PersonInput = {
  /** YYYY-MM-DD or YYYYMMDD; what isn't known of it is 00. */
  birthDate?: string | null | undefined;
  /** The town. */
  city?: string | null | undefined;
  /** ISO 3166's two letters; left out: the Netherlands. */
  country?: string | null | undefined;
  /** Where sendAccountLink mails the link to a password. It can be given until the person has one; then they change it themselves. */
  email?: string | null | undefined;
  /** The legal family name. */
  familyName: string;
  /** In full. */
  givenNames?: string | null | undefined;
  /** The house number. */
  houseNumber?: string | null | undefined;
  /** What stands behind the house number. */
  houseNumberSuffix?: string | null | undefined;
  /** As banks write them, or with dots. They, or the given names, are needed. */
  initials?: string | null | undefined;
  /** What stands before the family name: "van der". */
  namePrefix?: string | null | undefined;
  /** The postal code. */
  postalCode?: string | null | undefined;
  /** The street. */
  street?: string | null | undefined;
  /** The user name for the password, where the portal takes those. It can be given until the person has one. */
  username?: string | null | undefined;
};

/** What a user may do in their organisation. */
export type UserRole =
  /** Answers for the organisation. */
  | 'MAIN_USER'
  /** Staff: a portal administrator. */
  | 'PORTAL_ADMIN'
  /** An ordinary sub-user. */
  | 'SUB_USER'
  /** Manages ordinary sub-users. */
  | 'SUPER_SUB_USER'
  /** Staff: a support agent. */
  | 'SUPPORT';

/** Where an account stands. */
export type UserStatus =
  /** Can sign in. */
  | 'ACTIVE'
  /** Came through an identification provider, and waits for approveUser. */
  | 'AWAITING_APPROVAL'
  /** Kept out. */
  | 'BLOCKED'
  /** Invited, and without a password yet. */
  | 'INVITED'
  /** Gone. */
  | 'REMOVED'
  /** Must register again: the mailed link is the way in. */
  | 'RE_REGISTERING';

export type CreateOrganisationMutationVariables = Exact<{
  input: CreateOrganisationInput;
}>;


export type CreateOrganisationMutation = { createOrganisation: { organisation: { id: string, name: string, policyNumbers: Array<string> } | null, userErrors: Array<{ code: ErrorCode, message: string, path: Array<string> }> } };

export type SetAccountLimitMutationVariables = Exact<{
  id: string;
  maximum: number;
}>;


export type SetAccountLimitMutation = { updateOrganisation: { organisation: { accountLimit: { maximum: number | null, used: number } } | null, userErrors: Array<{ code: ErrorCode, message: string, path: Array<string> }> } };

export type InviteUserMutationVariables = Exact<{
  input: InviteUserInput;
}>;


export type InviteUserMutation = { inviteUser: { invitation: { id: string, status: InvitationStatus, expiresAt: string } | null, userErrors: Array<{ code: ErrorCode, message: string, path: Array<string> }> } };

export type ListUsersQueryVariables = Exact<{
  organisation: string;
  first: number;
  after?: string | null | undefined;
}>;


export type ListUsersQuery = { organisation: { users: { nodes: Array<{ id: string, displayName: string, email: string | null, role: UserRole, status: UserStatus }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } } | null };

export type ReadAuditQueryVariables = Exact<{
  organisation: string;
  first: number;
  after?: string | null | undefined;
}>;


export type ReadAuditQuery = { organisation: { auditEvents: { nodes: Array<{ sequence: number, at: string, action: AuditAction, targetId: string | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } } | null };

export type ImportUsersMutationVariables = Exact<{
  input: ImportUsersInput;
}>;


export type ImportUsersMutation = { importUsers: { import: { id: string, total: number } | null, userErrors: Array<{ code: ErrorCode, message: string, path: Array<string> }> } };

export type ReadImportQueryVariables = Exact<{
  id: string;
  first: number;
  after?: string | null | undefined;
}>;


export type ReadImportQuery = { import: { state: ImportState, total: number, done: number, failed: number, rows: { nodes: Array<{ number: number, userErrors: Array<{ code: ErrorCode, message: string, path: Array<string> }> }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } } | null };

export type CreateWebhookEndpointMutationVariables = Exact<{
  input: CreateWebhookEndpointInput;
}>;


export type CreateWebhookEndpointMutation = { createWebhookEndpoint: { secret: string | null, endpoint: { id: string } | null, userErrors: Array<{ code: ErrorCode, message: string, path: Array<string> }> } };

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}

export const CreateOrganisationDocument = new TypedDocumentString(`
    mutation CreateOrganisation($input: CreateOrganisationInput!) {
  createOrganisation(input: $input) {
    organisation {
      id
      name
      policyNumbers
    }
    userErrors {
      code
      message
      path
    }
  }
}
    `) as unknown as TypedDocumentString<CreateOrganisationMutation, CreateOrganisationMutationVariables>;
export const SetAccountLimitDocument = new TypedDocumentString(`
    mutation SetAccountLimit($id: ID!, $maximum: Int!) {
  updateOrganisation(input: {id: $id, accountLimit: $maximum}) {
    organisation {
      accountLimit {
        maximum
        used
      }
    }
    userErrors {
      code
      message
      path
    }
  }
}
    `) as unknown as TypedDocumentString<SetAccountLimitMutation, SetAccountLimitMutationVariables>;
export const InviteUserDocument = new TypedDocumentString(`
    mutation InviteUser($input: InviteUserInput!) {
  inviteUser(input: $input) {
    invitation {
      id
      status
      expiresAt
    }
    userErrors {
      code
      message
      path
    }
  }
}
    `) as unknown as TypedDocumentString<InviteUserMutation, InviteUserMutationVariables>;
export const ListUsersDocument = new TypedDocumentString(`
    query ListUsers($organisation: ID!, $first: Int!, $after: String) {
  organisation(id: $organisation) {
    users(first: $first, after: $after) {
      nodes {
        id
        displayName
        email
        role
        status
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
}
    `) as unknown as TypedDocumentString<ListUsersQuery, ListUsersQueryVariables>;
export const ReadAuditDocument = new TypedDocumentString(`
    query ReadAudit($organisation: ID!, $first: Int!, $after: String) {
  organisation(id: $organisation) {
    auditEvents(first: $first, after: $after) {
      nodes {
        sequence
        at
        action
        targetId
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
}
    `) as unknown as TypedDocumentString<ReadAuditQuery, ReadAuditQueryVariables>;
export const ImportUsersDocument = new TypedDocumentString(`
    mutation ImportUsers($input: ImportUsersInput!) {
  importUsers(input: $input) {
    import {
      id
      total
    }
    userErrors {
      code
      message
      path
    }
  }
}
    `) as unknown as TypedDocumentString<ImportUsersMutation, ImportUsersMutationVariables>;
export const ReadImportDocument = new TypedDocumentString(`
    query ReadImport($id: ID!, $first: Int!, $after: String) {
  import(id: $id) {
    state
    total
    done
    failed
    rows(state: FAILED, first: $first, after: $after) {
      nodes {
        number
        userErrors {
          code
          message
          path
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
}
    `) as unknown as TypedDocumentString<ReadImportQuery, ReadImportQueryVariables>;
export const CreateWebhookEndpointDocument = new TypedDocumentString(`
    mutation CreateWebhookEndpoint($input: CreateWebhookEndpointInput!) {
  createWebhookEndpoint(input: $input) {
    endpoint {
      id
    }
    secret
    userErrors {
      code
      message
      path
    }
  }
}
    `) as unknown as TypedDocumentString<CreateWebhookEndpointMutation, CreateWebhookEndpointMutationVariables>;