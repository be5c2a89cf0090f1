package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/secret"
	"github.com/sleutelbos/sleutelbos/internal/store"
)

const (
	// moved is how many people an import brings, each with the hash of their password, and moves how often that is done
	// at most.
	moved, moves = 10_000, 3
	// movedAtOnce is how many rows a request has, and movedTogether how many the floor commits together.
	movedAtOnce, movedTogether = 200, 50
)

// receiving is the town that people are moved to, as many to each of its organisations.
var receiving = census{name: "receiving", organisations: 100, size: 1}

// newcomer is who is moved: the i-th of a move.
func (t town) newcomer(move string, i int) (organisation, email string) {
	return fmt.Sprintf("org_%026d", i*t.organisations/moved+1), fmt.Sprintf("%s%d@%s", move, i, portalHost)
}

// measureImport compares an import, from its first request to its last row, to a driver alone that writes the same users: in
// batches, and then one by one, which is what a call for each would have to do at least.
func measureImport(ctx context.Context, b *bench, database string) error {
	t, err := b.town(ctx, database, receiving)
	if err != nil {
		return err
	}
	partner, err := t.partner(ctx)
	if err != nil {
		return err
	}
	product, err := b.startProduct(ctx, t)
	if err != nil {
		return err
	}
	defer product.stop()
	scribe, err := openScribe(ctx, t)
	if err != nil {
		return err
	}
	defer scribe.close()
	var batches, singles, products, byBatch, bySingle []float64
	var work []time.Duration
	for n := range min(moves, b.rounds) {
		batch, err := scribe.write(ctx, fmt.Sprint("batch", n), moved, movedTogether)
		if err != nil {
			return fmt.Errorf("write in batches: %w", err)
		}
		single, err := scribe.write(ctx, fmt.Sprint("single", n), moved/10, 1)
		if err != nil {
			return fmt.Errorf("write one by one: %w", err)
		}
		whole, each, err := b.move(ctx, t, product, partner, fmt.Sprint("moved", n))
		if err != nil {
			return fmt.Errorf("import: %w", err)
		}
		batches, singles, products = append(batches, batch), append(singles, single), append(products, whole)
		byBatch, bySingle, work = append(byBatch, whole/batch), append(bySingle, whole/single), append(work, each)
	}
	cost := duel{product: median(products), productWork: median(work)}
	cost.floor, cost.ratio = median(batches), median(byBatch)
	b.table.compare("(g) import of 10,000, in batches", database, cost, 0.10)
	cost.floor, cost.ratio = median(singles), median(bySingle)
	b.table.compare("(g) import of 10,000, one by one", database, cost, 1)
	return nil
}

// partner makes an API token that brings users to the whole portal.
func (t town) partner(ctx context.Context) (string, error) {
	token, err := secret.NewAPIToken(rand.Reader)
	if err != nil {
		return "", err
	}
	db, err := store.Open(ctx, store.Options{URL: t.url})
	if err != nil {
		return "", err
	}
	whole := identity.AcrossPortal(portalSlug)
	err = db.Within(ctx, whole, func(s *store.Scope) error {
		return s.AddAPIToken(ctx, identity.APIToken{
			ID: identity.NewID(identity.KindAPIToken, s.Now, [10]byte{}), Portal: portalSlug, Organisation: whole.Organisation, Name: "bench",
			Scopes: []identity.APIScope{identity.UsersWrite, identity.OrganisationsRead}, CreatedAt: s.Now,
		}, token.Hash())
	})
	return token.Reveal(), errors.Join(err, db.Close())
}

// move imports people, and answers how many a second it was, and what each cost.
func (b *bench) move(ctx context.Context, t town, product *child, partner, name string) (perSecond float64, each time.Duration, err error) {
	requests, err := t.deliveries(ctx, partner, name)
	if err != nil {
		return 0, 0, err
	}
	profiled := make(chan error, 1)
	if b.profile != "" {
		go func() { profiled <- product.profile(ctx, b.profile, "import-"+t.kind, 5*time.Second) }()
	} else {
		profiled <- nil
	}
	before, err := product.worked(t)
	if err != nil {
		return 0, 0, err
	}
	began := time.Now()
	var id string
	for _, request := range requests {
		if id, err = send(product.address, request); err != nil {
			return 0, 0, err
		}
	}
	if err := settled(ctx, product.address, partner, id); err != nil {
		return 0, 0, err
	}
	took := time.Since(began)
	after, err := product.worked(t)
	return moved / took.Seconds(), (after - before) / moved, errors.Join(err, <-profiled)
}

// deliveries are the requests of an import.
func (t town) deliveries(ctx context.Context, partner, name string) ([][]byte, error) {
	hash, err := secret.NewHasher(secret.HasherOptions{}).Hash(ctx, password)
	if err != nil {
		return nil, err
	}
	var requests [][]byte
	for from := 0; from < moved; from += movedAtOnce {
		var rows []map[string]any
		for i := from; i < from+movedAtOnce; i++ {
			organisation, email := t.newcomer(name, i)
			rows = append(rows, map[string]any{
				"number": i + 1, "organisationId": organisation, "email": email, "displayName": fmt.Sprintf("Person %06d", i), "passwordHash": hash,
			})
		}
		variables, err := json.Marshal(map[string]any{"key": name, "rows": rows})
		if err != nil {
			return nil, err
		}
		requests = append(requests, asPartner(partner, graphqlBody(`mutation ($key: String!, $rows: [ImportUserInput!]!) {
			importUsers(input: {key: $key, rows: $rows}) { import { id } userErrors { code path } }
		}`, string(variables))))
	}
	return requests, nil
}

// asPartner is the text of a GraphQL request with an API token.
func asPartner(token, body string) []byte {
	return bytes.Replace(post(graphqlPath, "", body), []byte("User-Agent: bench\r\n"), []byte("User-Agent: bench\r\nAuthorization: Bearer "+token+"\r\n"), 1)
}

func send(address string, request []byte) (id string, err error) {
	text, err := once(address, request)
	if err != nil {
		return "", err
	}
	var answer struct {
		Data struct {
			ImportUsers struct {
				Import struct{ ID string }
			}
		}
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		return "", err
	}
	if id = answer.Data.ImportUsers.Import.ID; id == "" {
		return "", fmt.Errorf("rows aren't taken: %.500s", text)
	}
	return id, nil
}

// askedEach is how often a partner asks how far an import has come. Each time all of its rows are counted, so asking twenty times a
// second took more of PostgreSQL than the rows themselves.
const askedEach = 500 * time.Millisecond

// settled waits until no row waits, and wants all of them done.
func settled(ctx context.Context, address, partner, id string) error {
	request := asPartner(partner, graphqlBody(fmt.Sprintf(`{ import(id: %q) { state done failed } }`, id), ""))
	for deadline := time.Now().Add(5 * time.Minute); time.Now().Before(deadline) && ctx.Err() == nil; time.Sleep(askedEach) {
		text, err := once(address, request)
		if err != nil {
			return err
		}
		if bytes.Contains(text, []byte(`"RUNNING"`)) {
			continue
		}
		if want := fmt.Sprintf(`"done":%d,"failed":0`, moved); !bytes.Contains(text, []byte(want)) {
			return fmt.Errorf("the import ended otherwise: %.500s", text)
		}
		return nil
	}
	return errors.Join(ctx.Err(), errors.New("rows still wait after five minutes"))
}
