// Lists that later versions of the schema make longer. A program names the few that it acts on, and is at home with the rest.

/** A code of an error; anything else is possible, too. */
export type ErrorCode = 'ACCOUNT_LIMIT_REACHED' | 'RATE_LIMITED' | (string & {});

/** What an event of the audit log tells of; anything else is possible, too. */
export type AuditAction = 'ORGANISATION_CREATED' | 'USER_INVITED' | (string & {});
