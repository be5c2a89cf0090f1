// Package app holds the use cases: each loads, asks package identity to decide, and saves what was decided, with the
// messages and the audit events that belong to it, in one transaction.
//
// A use case takes who asks (identity.Actor) and what they ask for. That they may use the door at all was decided where
// the schema says so; whose objects they may touch is decided here, by the tenant of the transaction: what stands behind
// another's wall isn't there. An error is a refusal (*identity.Error, several joined) or a fault.
//
// Slow work on secrets, the hashing of passwords, is done between transactions, never inside one.
package app
