// Package identity holds the rules: the types, the refusals and the decisions of Sleutelbos, and nothing that needs a
// context, a clock, randomness or a database. What happens is decided here and tested here as tables; packages around it
// load, save, tell and show.
//
// # The words
//
// One word per thing, in the schema, in Go, in tables, in mails' code and in the documentation:
//
//	portal          the outer tenant: one customer portal with its own brand, hosts, policy and staff
//	organisation    the inner tenant: one customer company in a portal
//	user            one person's account in one organisation
//	main user       the user who answers for the organisation; each organisation has exactly one
//	sub-user        every other user: ordinary, or super (who may manage ordinary ones)
//	staff           a user of the portal's own operating organisation: support agent or portal administrator
//	factor          a second proof: authenticator app (TOTP), SMS code, e-mail code, security key, recovery code
//	enrolment       making a factor work for a user; unfinished until the first right code
//	sign-in         one attempt, from the first credential to a session; a value with steps
//	activation      the organisation-wide switching on of two-factor authentication
//	postponement    putting off enrolment until a date that the portal sets
//	invitation      a mail that lets a person become a user
//	link            what a mail carries to password set-up; looked at as often as one likes, used once
//	contact         what a user is reached by; a change of it can be undone, for a while, from the old mailbox
//	account limit   how many password accounts an organisation may have, open invitations counted
//	policy number   the number of an insurance policy: who knows it and has a mailbox can register
//	registrant      somebody who registers with a policy number, until their account is active
//	replacement     a registrant's account taking the place of the one that there is, after its owner was told
//	support action  what staff does to an account, with a reason and a ticket
//	dossier         all that is known of one user, as a file for them
//	assertion       what an identification provider (eHerkenning, iDIN) says about a person; used once
//	business        a company in the trade register; its business identity is its KVK number with its establishments
//	establishment   a place of business (vestiging) with a number of its own; a mandate may be limited to some
//	record          what a portal knows of a private customer: name, address and birth date
//	intermediary    the business that acts for another in a chain mandate
//	assurance level how strongly eHerkenning identified the person: EH2, EH2+, EH3, EH4
//	API token       a partner's credential, with scopes
//	import          many users or organisations that a partner brings at once, each row decided by itself
//	endpoint        a webhook's: an address of a partner's to which audit events are sent
//	text            a message to a phone, by SMS
//	budget          how many texts a number, an organisation and a portal can be sent in a day
//	message         something that must be told to a person: decided in a transaction, delivered by the outbox
//	audit event     what happened, who did it and to whom; hash-chained per organisation
//	fact            what an audit event tells of one user that isn't an id; sealed, and can be forgotten
//
// A refusal (*Error) is what the caller can mend. Every other error is a fault.
package identity
