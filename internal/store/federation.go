package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// Journeys and assertions belong to a portal and to no organisation: whose customer somebody is shows when they are back.
// What is here and isn't a Scope's works before a tenant is known, like what is in outside.go.

type journeyRow struct {
	bun.BaseModel `bun:"table:journeys,alias:j"`
	Portal        string        `bun:"portal,pk"`
	ID            identity.ID   `bun:"id,pk"`
	Provider      string        `bun:"provider"`
	BrowserHash   []byte        `bun:"browser_hash"`
	StateHash     []byte        `bun:"state_hash"`
	Sealed        []byte        `bun:"sealed"`
	ReturnedAt    *time.Time    `bun:"returned_at"`
	Refused       identity.Code `bun:"refused"`
	Compared      string        `bun:"compared"`
	TokenHash     []byte        `bun:"token_hash,nullzero"`
	ExpiresAt     time.Time     `bun:"expires_at"`
}

// SealedJourney is a journey with the hash of what its browser keeps, and what is needed at its end, sealed to its id.
type SealedJourney struct {
	identity.Journey
	BrowserHash []byte
	Sealed      []byte
}

func stateHash(state string) []byte {
	sum := sha256.Sum256([]byte(state))
	return sum[:]
}

// AddJourney saves one that begins. State is what the browser must bring back from the provider.
func (db *DB) AddJourney(ctx context.Context, journey SealedJourney, state string) error {
	row := &journeyRow{
		Portal: journey.Portal, ID: journey.ID, Provider: journey.Provider, BrowserHash: journey.BrowserHash, StateHash: stateHash(state),
		Sealed: journey.Sealed, ExpiresAt: journey.ExpiresAt,
	}
	if _, err := db.system.NewInsert().Model(row).Exec(ctx); err != nil {
		return fmt.Errorf("add journey: %w", err)
	}
	return nil
}

// EndJourney uses a journey up, and answers it with the instant; false where that browser has none with that state to that
// provider, it was used up before, or its time is over. Whoever ends it may read what the browser brought.
func (db *DB) EndJourney(ctx context.Context, portal, provider, state string, browserHash []byte) (SealedJourney, time.Time, bool, error) {
	now, err := db.now(ctx, db.system)
	if err != nil {
		return SealedJourney{}, now, false, err
	}
	var rows []journeyRow
	_, err = db.system.NewUpdate().Model((*journeyRow)(nil)).Set("returned_at = ?", now).
		Where("j.portal = ? AND j.provider = ? AND j.state_hash = ? AND j.browser_hash = ?", portal, provider, stateHash(state), browserHash).
		Where("j.returned_at IS NULL AND j.expires_at > ?", now).Returning("id, sealed, expires_at").Exec(ctx, &rows)
	if err != nil {
		return SealedJourney{}, now, false, fmt.Errorf("end journey: %w", err)
	}
	if len(rows) != 1 {
		return SealedJourney{}, now, false, nil
	}
	return SealedJourney{
		Journey: identity.Journey{ID: rows[0].ID, Portal: portal, Provider: provider, ExpiresAt: rows[0].ExpiresAt}, Sealed: rows[0].Sealed,
	}, now, true, nil
}

// RefuseJourney notes how a journey ended, for whoever has the token.
func (db *DB) RefuseJourney(ctx context.Context, journey identity.Journey, refused identity.Unadmitted, tokenHash []byte) error {
	compared, err := json.Marshal(refused.Comparisons)
	if err != nil {
		return fmt.Errorf("refuse journey: %w", err)
	}
	_, err = db.system.NewUpdate().Model((*journeyRow)(nil)).Set("refused = ?", refused.Code).Set("compared = ?", string(compared)).Set("token_hash = ?", tokenHash).
		Set("sealed = ?", []byte{}).Where("j.portal = ? AND j.id = ?", journey.Portal, journey.ID).Exec(ctx)
	if err != nil {
		return fmt.Errorf("refuse journey: %w", err)
	}
	return nil
}

// RefusalByToken answers how the journey ended that a browser's token is of; nil where it is of none, or of long ago.
func (db *DB) RefusalByToken(ctx context.Context, portal string, tokenHash []byte) (*identity.Unadmitted, error) {
	var row journeyRow
	now, ok, err := db.byToken(ctx, &row, portal, tokenHash)
	if err != nil || !ok || !now.Before(row.ExpiresAt) {
		return nil, err
	}
	refused := &identity.Unadmitted{Code: row.Refused}
	if err := json.Unmarshal([]byte(row.Compared), &refused.Comparisons); err != nil {
		return nil, fmt.Errorf("read how a journey ended: %w", err)
	}
	return refused, nil
}

type assertionRow struct {
	bun.BaseModel `bun:"table:assertions,alias:a"`
	Portal        string    `bun:"portal,pk"`
	Digest        []byte    `bun:"digest,pk"`
	ExpiresAt     time.Time `bun:"expires_at"`
}

// UseAssertion notes what a provider said; false where it was said before. It is kept until it can no longer be believed.
func (db *DB) UseAssertion(ctx context.Context, portal string, assertion identity.Assertion) (bool, error) {
	digest := sha256.Sum256([]byte(assertion.Environment + "\n" + assertion.Issuer + "\n" + assertion.ID))
	row := &assertionRow{Portal: portal, Digest: digest[:], ExpiresAt: assertion.ExpiresAt}
	result, err := db.system.NewInsert().Model(row).On("CONFLICT DO NOTHING").Exec(ctx)
	return changed(result, err, "use assertion")
}

// OrganisationWithKVK answers whose a KVK number is; "" for nobody's in the portal.
func (db *DB) OrganisationWithKVK(ctx context.Context, portal string, number identity.KVKNumber) (identity.ID, error) {
	var organisation identity.ID
	err := db.system.NewSelect().Model((*businessRow)(nil)).Column("organisation_id").
		Where("b.portal = ? AND b.kvk_number = ?", portal, number).Scan(ctx, &organisation)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("look a KVK number up: %w", err)
	}
	return organisation, nil
}

type federatedRow struct {
	bun.BaseModel `bun:"table:federated_identities,alias:f"`
	tenancy
	UserID      identity.ID        `bun:"user_id"`
	Provider    string             `bun:"provider,pk"`
	Environment string             `bun:"environment,pk"`
	Subject     []byte             `bun:"subject,pk"`
	KVKNumber   identity.KVKNumber `bun:"kvk_number,pk"`
}

// federatedRowOf keeps a pseudonym as a digest. It is no MAC: that would be another one after each change of keys, and whoever
// came before nobody. Pseudonyms of eHerkenning are random.
func federatedRowOf(u identity.User, a identity.Assertion) *federatedRow {
	subject := sha256.Sum256([]byte(a.Subject))
	return &federatedRow{
		tenancy: tenancy{u.Portal, u.OrganisationID}, UserID: u.ID, Provider: a.Provider, Environment: a.Environment,
		Subject: subject[:], KVKNumber: a.KVKNumber,
	}
}

// FederatedUser answers who the person is that a provider told of, locked; nil where they were never here.
func (s *Scope) FederatedUser(ctx context.Context, a identity.Assertion) (*identity.User, error) {
	row := federatedRowOf(identity.User{}, a)
	var id identity.ID
	err := s.selectRows((*federatedRow)(nil)).Column("user_id").
		Where("f.provider = ? AND f.environment = ? AND f.subject = ? AND f.kvk_number = ?", row.Provider, row.Environment, row.Subject, row.KVKNumber).
		Scan(ctx, &id)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look a federated identity up: %w", err)
	}
	user, err := s.LockUser(ctx, id)
	return &user, err
}

// AddFederatedIdentity makes a user the one whom a provider told of, in the place of whoever was.
func (s *Scope) AddFederatedIdentity(ctx context.Context, u identity.User, a identity.Assertion) error {
	row := federatedRowOf(u, a)
	_, err := s.deleteRows((*federatedRow)(nil)).
		Where("f.provider = ? AND f.environment = ? AND f.subject = ? AND f.kvk_number = ?", row.Provider, row.Environment, row.Subject, row.KVKNumber).
		Exec(ctx)
	if err != nil {
		return fmt.Errorf("replace federated identity: %w", err)
	}
	if err := insert(ctx, s, row); err != nil {
		return fmt.Errorf("add federated identity: %w", err)
	}
	return nil
}

type refusalRow struct {
	bun.BaseModel `bun:"table:sign_in_refusals,alias:r"`
	tenancy
	Provider string        `bun:"provider,pk"`
	Code     identity.Code `bun:"code,pk"`
	UserID   identity.ID   `bun:"user_id,pk"`
	NotedAt  time.Time     `bun:"noted_at"`
}

// NoteRefusal notes that a provider's word let nobody into an organisation: the user whom it told of, "" for somebody without an
// account. False where the same was noted less than identity.RefusalPause ago.
func (s *Scope) NoteRefusal(ctx context.Context, o identity.Organisation, provider string, code identity.Code, user identity.ID) (bool, error) {
	row := &refusalRow{tenancy: tenancy{o.Portal, o.ID}, Provider: provider, Code: code, UserID: user, NotedAt: s.Now}
	if !s.admits(row.owner()) {
		return false, errors.New("note a refusal: it belongs to another tenant")
	}
	result, err := s.tx.NewInsert().Model(row).Err(s.mayAdd(row)).On("CONFLICT (portal, organisation_id, provider, code, user_id) DO UPDATE").
		Set("noted_at = EXCLUDED.noted_at").Where("r.noted_at <= ?", s.Now.Add(-identity.RefusalPause)).Exec(ctx)
	return changed(result, err, "note a refusal")
}
