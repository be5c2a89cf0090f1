package graph

// What the tests of the whole server use of this package's own.
var (
	AuditGraphQLHTTP = auditGraphQLHTTP
	Texts            = texts
	Say              = say
)
