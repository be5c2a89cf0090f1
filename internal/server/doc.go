// Package server is HTTP around the graph: it finds out which portal is meant, who asks and from where, keeps out what
// browsers are tricked into sending, and says on its internal address how it goes.
//
// A request goes through these files, in this order:
//
//	visit.go     what is known of the request: its id, its outcome; the line in the log
//	address.go   the client's address, from the connection or from proxies that are trusted
//	header.go    what every answer says to browsers
//	portal.go    the portal, by its host or by /portals/SLUG in the path
//	route.go     what there is under a portal
//	origin.go    who may call from a browser: CORS, and cross-site request forgery
//	endpoint.go  cookie or bearer token → identity.Actor → the graph
//	limit.go     how often somebody who isn't signed in may ask
//	audit.go     an organisation's audit log as a file: who may have it by GET, and how it is streamed
//	denial.go    the answer to what is refused before the graph sees it
//
// metric.go and internal.go are for the operator, run.go is the life of the process: listen, drain, stop.
package server
