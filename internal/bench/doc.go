// Command bench measures Sleutelbos against floors: the least that anybody would have to do for the same work, written
// by hand without framework, tenant or policy. Server, database and load share one machine, so absolute figures say more
// about the machine than about the product; what counts is the ratio of both, measured in turns (floor, product, floor,
// product, …) over real HTTP with 16 connections on loopback.
//
//	go run ./internal/bench                     all of it, some ten minutes, and the table
//	go run ./internal/bench -only list -db postgres -profile /tmp/profiles
//
// The parts:
//
//	main.go       flags, and which process this is: the bench, or one of those that it starts
//	plan.go       what is measured, in which order
//	load.go       the load: a small HTTP/1.1 client, the same for floor and product
//	round.go      rounds in turns, and their ratio
//	child.go      the processes under load: start, readiness, memory, profile, end
//	product.go    the product as a process that can be profiled
//	floor.go      the floors, with floor_postgres.go and floor_sqlite.go for their statements
//	town.go       databases full of people, with seed/*.sql
//	session.go  list.go  signin.go  activation.go  import.go  growth.go  idle.go    one measurement each
//	scribe.go     the floor of import.go
//	sink.go       a mail server that counts and forgets
//	table.go      the table
package main
