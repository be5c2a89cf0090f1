package main

import (
	"context"
	"fmt"
	"time"
)

// unenrolled is a town whose people sign in by password alone.
var unenrolled = census{name: "unenrolled", organisations: 20, size: 50}

const signInQuery = `mutation ($email: EmailAddress!, $password: String!) {
	beginSignIn(input: {email: $email, password: $password}) { step { __typename ... on SignInComplete { session { id } } } userErrors { code } }
}`

// crowd is how many sign in at once where memory is measured.
const crowd = 64

// measureSignIn compares signing in by password to a handler with one look-up, the same hash behind the same limit, and one
// insert. Then it lets a crowd in, and looks at the product's memory.
func measureSignIn(ctx context.Context, b *bench, database string) error {
	t, err := b.town(ctx, database, unenrolled)
	if err != nil {
		return err
	}
	floor, product, end, err := b.pair(ctx, t)
	if err != nil {
		return err
	}
	defer end()
	bare, full := signInLoads(t, floor, product)
	result, err := turns(ctx, b.settings, "signin-"+database, side{floor, t, bare}, side{product, t, full})
	if err != nil {
		return err
	}
	b.table.compare("(c) sign-in by password", database, result, 0.90)
	return b.crowdIn(ctx, t)
}

func signInLoads(t town, floor, product *child) (bare, full *load) {
	bare = &load{address: floor.address, connections: connections, expect: []byte("SignInComplete")}
	full = &load{address: product.address, connections: connections, expect: []byte("SignInComplete")}
	for _, n := range t.users() {
		given := fmt.Sprintf(`{"email":"user%d@%s","password":%q}`, n, portalHost, password)
		bare.requests = append(bare.requests, post("/sign-in", "", given))
		full.requests = append(full.requests, post(graphqlPath, "", graphqlBody(signInQuery, given)))
	}
	return bare, full
}

// crowdIn measures the most memory that a fresh product takes while many sign in at once, and go on doing so.
func (b *bench) crowdIn(ctx context.Context, t town) error {
	product, err := b.startProduct(ctx, t)
	if err != nil {
		return err
	}
	defer product.stop()
	_, full := signInLoads(t, product, product)
	full.connections = crowd
	if _, err := full.drive(3 * max(b.length, time.Second)); err != nil {
		return err
	}
	peak, err := product.memory(memoryPeak)
	if err != nil {
		return err
	}
	b.table.limit(fmt.Sprintf("(c) memory, %d sign-ins at once", crowd), t.kind, peak, 128, "MiB")
	return nil
}
