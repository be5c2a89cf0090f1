// Package store keeps what the product knows, in SQLite or in PostgreSQL, behind the tenants' walls.
//
// DB has no query methods. Work is done in a transaction that names its tenant:
//
//	err := db.Within(ctx, tenant, func(s *store.Scope) error {
//		organisation, err := s.LockOrganisation(ctx, id)
//		…
//		s.Record(event)         // the audit log
//		s.Tell(message, sealed) // the outbox
//		return s.SaveOrganisation(ctx, organisation)
//	})
//
// Every statement of a Scope is bounded to its tenant by construction, and on PostgreSQL row-level security refuses what
// code forgets. What must be looked up before a tenant is known is in outside.go, all of it.
//
// Rows are not domain types: each file has an unexported row beside its queries and the two conversions. Instants are
// stored in UTC with microseconds; a transaction has one, Scope.Now, from the database's clock.
//
// Locks are taken in one order, so that no two transactions wait for each other: organisation, user, everything else, and
// the head of the audit chain last.
package store
