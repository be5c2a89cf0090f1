package main

import (
	"context"
	"fmt"
)

const graphqlPath = "/graphql"

// connections is how many callers there are at once.
const connections = 16

// small is the town of most measurements, and the smaller one of growth.
var small = census{name: "small", organisations: 20, size: 50, factors: "TOTP EMAIL"}

const sessionQuery = `{ viewer { user { id displayName } session { id } } }`

// sessionLoad asks who is signed in, as all sorts of people.
func sessionLoad(t town, c *child) *load {
	l := &load{address: c.address, connections: connections, expect: []byte(`"displayName"`)}
	for _, n := range t.users() {
		l.requests = append(l.requests, post(graphqlPath, token(n), graphqlBody(sessionQuery, "")))
	}
	return l
}

// graphqlBody is the JSON of a request; variables is JSON, or "".
func graphqlBody(query, variables string) string {
	if variables == "" {
		return fmt.Sprintf(`{"query":%q}`, query)
	}
	return fmt.Sprintf(`{"query":%q,"variables":%s}`, query, variables)
}

// measureSession compares the viewer query to a handler that selects one row by the token's hash.
func measureSession(ctx context.Context, b *bench, database string) error {
	t, err := b.town(ctx, database, small)
	if err != nil {
		return err
	}
	floor, product, end, err := b.pair(ctx, t)
	if err != nil {
		return err
	}
	defer end()
	bare := &load{address: floor.address, connections: connections, expect: []byte(`"session"`)}
	for _, n := range t.users() {
		bare.requests = append(bare.requests, post("/session", token(n), "{}"))
	}
	result, err := turns(ctx, b.settings, "session-"+database, side{floor, t, bare}, side{product, t, sessionLoad(t, product)})
	if err != nil {
		return err
	}
	b.table.compare("(a) session check", database, result, 0.60)
	return nil
}
