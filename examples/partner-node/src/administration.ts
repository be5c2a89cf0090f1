// What the program does, one method for each thing.
import { type Client, mendable } from './client.js';
import { createOrganisation, inviteUser, listUsers, readAudit, setAccountLimit } from './documents.js';

/** What the administration knows of a customer. */
export type Customer = { policyNumber: string; name: string; kvkNumber: string; mainUser: Person; colleagues: Person[] };

/** Somebody to invite. */
export type Person = { email: string; displayName: string };

export class Administration {
  /** Lists are asked for so many items at a time: 1 to 200. */
  constructor(private readonly client: Client, private readonly page: number) {}

  /** May be run again and again for one customer, within a day: what was done isn't done twice. */
  async welcome(customer: Customer): Promise<void> {
    const organisation = await this.create(customer);
    for (const person of customer.colleagues) await this.invite(organisation, person);
    for await (const user of this.users(organisation)) console.log(`user ${user.displayName} is ${user.role}, ${user.status}`);
    for await (const event of this.audit(organisation)) console.log(`event ${event.sequence} was ${event.action}`);
  }

  /** Makes the organisation, which invites its main user, and answers its id. */
  private async create(customer: Customer): Promise<string> {
    const { createOrganisation: answer } = await this.client.ask(createOrganisation, {
      input: {
        name: customer.name,
        accountLimit: 1,
        policyNumbers: [customer.policyNumber],
        businessIdentities: [{ kvkNumber: customer.kvkNumber }],
        mainUser: customer.mainUser,
        // The key comes from our own records and not from a die: after a crash it is the same, and so is the answer.
        idempotencyKey: `organisation-of-${customer.policyNumber}`,
      },
    });
    mendable(answer.userErrors);
    const made = answer.organisation!;
    console.log(`organisation ${made.name}, ${made.id}, has policies [${made.policyNumbers.join(' ')}]`);
    return made.id;
  }

  /** Invites a person, and makes room for them where there is none. */
  private async invite(organisationId: string, person: Person): Promise<void> {
    const input = { organisationId, ...person, idempotencyKey: `invitation-${organisationId}-${person.email}` };
    let { inviteUser: answer } = await this.client.ask(inviteUser, { input });
    if (answer.userErrors.some(({ code }) => code === 'ACCOUNT_LIMIT_REACHED')) {
      console.log(`no room for ${person.displayName}: ACCOUNT_LIMIT_REACHED`);
      await this.raise(organisationId, 5);
      // A request that was refused may use its key again.
      ({ inviteUser: answer } = await this.client.ask(inviteUser, { input }));
    }
    mendable(answer.userErrors);
    console.log(`invitation to ${person.email} is ${answer.invitation!.status}`);
  }

  /** Sets the account limit. It takes no key: setting the same limit twice is setting it once. */
  private async raise(id: string, maximum: number): Promise<void> {
    const { updateOrganisation: answer } = await this.client.ask(setAccountLimit, { id, maximum });
    mendable(answer.userErrors);
    console.log(`now it has ${limit(answer.organisation!.accountLimit)}`);
  }

  /** The users, by name. */
  private users(organisation: string) {
    return everyItem(async (after) => {
      const answer = await this.client.ask(listUsers, { organisation, first: this.page, after });
      return seen(answer.organisation).users;
    });
  }

  /** What happened in the organisation, the latest first. */
  private audit(organisation: string) {
    return everyItem(async (after) => {
      const answer = await this.client.ask(readAudit, { organisation, first: this.page, after });
      return seen(answer.organisation).auditEvents;
    });
  }
}

type Part<Item> = { nodes: Item[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } };

/** Goes through a list page by page: a cursor is opaque, and the last page says that it is the last. */
async function* everyItem<Item>(ask: (after: string | null) => Promise<Part<Item>>): AsyncGenerator<Item> {
  for (let after: string | null = null; ; ) {
    const { nodes, pageInfo }: Part<Item> = await ask(after);
    yield* nodes;
    if (!pageInfo.hasNextPage) return;
    after = pageInfo.endCursor;
  }
}

function seen<Organisation>(organisation: Organisation | null): Organisation {
  if (organisation === null) throw new Error('the organisation is gone, or not for us to see');
  return organisation;
}

function limit({ used, maximum }: { used: number; maximum: number | null }): string {
  return maximum === null ? `${used} accounts, without a limit` : `${used} of ${maximum} accounts`;
}
