package main

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
)

const listQuery = `{ organisation { id name users(first: 50) { nodes {
	id displayName email role status twoFactor { isEnrolled kinds } lastSignInAt
} } } }`

// listLoad asks for the asker's organisation with its users, as main users of organisations all over the town.
func listLoad(t town, c *child) *load {
	l := &load{address: c.address, connections: connections, expect: []byte(`"nodes"`)}
	for _, n := range t.mainUsers() {
		l.requests = append(l.requests, post(graphqlPath, token(n), graphqlBody(listQuery, "")))
	}
	return l
}

// measureList compares an organisation with 50 users and their factors to a handler that asks three queries for it. Both
// must answer the same.
func measureList(ctx context.Context, b *bench, database string) error {
	t, err := b.town(ctx, database, small)
	if err != nil {
		return err
	}
	floor, product, end, err := b.pair(ctx, t)
	if err != nil {
		return err
	}
	defer end()
	bare := &load{address: floor.address, connections: connections, expect: []byte(`"nodes"`)}
	for _, n := range t.mainUsers() {
		bare.requests = append(bare.requests, post("/organisation", token(n), "{}"))
	}
	full := listLoad(t, product)
	if err := sameAnswer(bare, full); err != nil {
		return err
	}
	result, err := turns(ctx, b.settings, "list-"+database, side{floor, t, bare}, side{product, t, full})
	if err != nil {
		return err
	}
	b.table.compare("(b) organisation, 50 users, factors", database, result, 0.70)
	return nil
}

// sameAnswer fails where the first requests of two loads aren't answered with the same JSON.
func sameAnswer(one, other *load) error {
	var values [2]any
	for i, l := range []*load{one, other} {
		text, err := once(l.address, l.requests[0])
		if err != nil {
			return err
		}
		if err := json.Unmarshal(text, &values[i]); err != nil {
			return err
		}
	}
	if !reflect.DeepEqual(values[0], values[1]) {
		return fmt.Errorf("floor and product differ:\n%v\n%v", values[0], values[1])
	}
	return nil
}
