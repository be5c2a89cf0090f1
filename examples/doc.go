// Package examples has programs of partners, to be read and copied: partner-go in Go, by genqlient, and partner-node in
// TypeScript, by graphql-codegen. Each is a module of its own. The tests run both against a server.
package examples

//go:generate go -C partner-go generate
//go:generate ../script/node-modules partner-node
//go:generate npm --prefix partner-node --loglevel=error --silent run generate
