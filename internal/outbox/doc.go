// Package outbox delivers what must still be told. A message is saved in the transaction that decided it, and with it, in
// the same transaction, a job of River's that names it: both are committed or neither is. Workers take the jobs, write the
// letters and bring them to the mail server, until it takes them or there is no sense in trying any longer.
//
// A job is a batch of message ids of one tenant, and holds nothing else: no code, token, link or address is in River's
// tables. A batch travels over one connection, and each message is settled before the next one is sent. So whenever a
// process dies, the message in flight of each worker may be sent once more, as the same mail by its Message-ID, and none is
// lost. The same holds, for the last half second's messages, when PostgreSQL's machine dies: settling doesn't wait for its
// disk.
//
//	outbox.go      what there is to set up, Start and Stop
//	enqueue.go     messages → jobs, in the deciding transaction
//	delivery.go    a job → letters → the mail server
//	text.go        a job → a text → the provider, and what it tells of the number
//	settle.go      how a delivery ended, and when to stop trying
//	check.go       a KVK number → the trade register → what it says
//	import.go      the rows of an import, a few at a time
//	rescue.go      the jobs of processes that died
//	housekeeping.go  what is removed when it has served
//	retention.go   what is erased when a portal has kept it long enough
//	courier.go      who goes to which webhook endpoint, and when
//	webhook.go      an audit event → a signed request → what came of it
//	due.go         what was to be done at an instant that has come
package outbox
