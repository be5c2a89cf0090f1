package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

type webhookRow struct {
	bun.BaseModel `bun:"table:webhook_endpoints,alias:w"`
	tenancy
	ID                  identity.ID               `bun:"id,pk"`
	Slot                int                       `bun:"slot"`
	URL                 string                    `bun:"url"`
	Description         string                    `bun:"description"`
	Actions             string                    `bun:"actions"`
	CreatedAt           time.Time                 `bun:"created_at"`
	CreatedBy           identity.ID               `bun:"created_by"`
	OwnerID             identity.ID               `bun:"owner_id"`
	SealedSecret        []byte                    `bun:"sealed_secret"`
	SealedPrevious      []byte                    `bun:"sealed_previous"`
	PreviousSecretUntil *time.Time                `bun:"previous_secret_until"`
	DisabledAt          *time.Time                `bun:"disabled_at"`
	DisabledFor         identity.WebhookDisabling `bun:"disabled_for"`
	FailedAttempts      int                       `bun:"failed_attempts"`
	FailingSince        *time.Time                `bun:"failing_since"`
	NextAttemptAt       *time.Time                `bun:"next_attempt_at"`
	ClaimedBy           string                    `bun:"claimed_by"`
	ClaimedUntil        *time.Time                `bun:"claimed_until"`
}

// WebhookSecrets are an endpoint's, sealed to its id; Previous is nil where there is none.
type WebhookSecrets struct{ Sealed, Previous []byte }

func webhookRowOf(e identity.WebhookEndpoint, secrets WebhookSecrets) *webhookRow {
	actions := make([]string, len(e.Actions))
	for i, action := range e.Actions {
		actions[i] = string(action)
	}
	return &webhookRow{
		tenancy: tenancy{e.Portal, e.Organisation}, ID: e.ID, URL: e.URL, Description: e.Description,
		Actions: strings.Join(actions, " "), CreatedAt: e.CreatedAt, CreatedBy: e.CreatedBy, OwnerID: e.Owner,
		SealedSecret: secrets.Sealed, SealedPrevious: secrets.Previous, PreviousSecretUntil: e.PreviousSecretUntil,
		DisabledAt: e.DisabledAt, DisabledFor: e.DisabledFor, FailedAttempts: e.FailedAttempts, FailingSince: e.FailingSince,
		NextAttemptAt: e.NextAttemptAt,
	}
}

func (r *webhookRow) endpoint() identity.WebhookEndpoint {
	endpoint := identity.WebhookEndpoint{
		ID: r.ID, Portal: r.Portal, Organisation: r.OrganisationID, URL: r.URL, Description: r.Description, CreatedAt: r.CreatedAt,
		CreatedBy: r.CreatedBy, Owner: r.OwnerID, PreviousSecretUntil: r.PreviousSecretUntil, DisabledAt: r.DisabledAt,
		DisabledFor: r.DisabledFor, FailedAttempts: r.FailedAttempts, FailingSince: r.FailingSince, NextAttemptAt: r.NextAttemptAt,
	}
	for action := range strings.FieldsSeq(r.Actions) {
		endpoint.Actions = append(endpoint.Actions, identity.Action(action))
	}
	return endpoint
}

func (r *webhookRow) secrets() WebhookSecrets {
	return WebhookSecrets{Sealed: r.SealedSecret, Previous: r.SealedPrevious}
}

// AddWebhookEndpoint saves a new one, which begins behind the events that there are. false: there are as many of its tenant
// as there may be, however many are made at once.
func (s *Scope) AddWebhookEndpoint(ctx context.Context, endpoint identity.WebhookEndpoint, secrets WebhookSecrets) (bool, error) {
	row := webhookRowOf(endpoint, secrets)
	if !s.admits(row.owner()) {
		return false, fmt.Errorf("insert %T: the row belongs to another tenant", row)
	}
	if err := s.mayAdd(row); err != nil {
		return false, err
	}
	// Each takes a numbered place; whoever loses the race for one tries the next.
	for row.Slot = 1; row.Slot <= identity.MostWebhookEndpoints; row.Slot++ {
		result, err := s.tx.NewInsert().Model(row).On("CONFLICT (portal, organisation_id, slot) DO NOTHING").Exec(ctx)
		added, err := changed(result, err, "add webhook endpoint")
		if err != nil || added {
			return added, s.beginAtHeads(ctx, endpoint, err)
		}
	}
	return false, nil
}

// WebhookEndpoint loads one and keeps every other transaction that loads it to write waiting, or refuses with NOT_FOUND.
func (s *Scope) WebhookEndpoint(ctx context.Context, id identity.ID) (identity.WebhookEndpoint, error) {
	endpoint, _, err := s.WebhookWithSecrets(ctx, id)
	return endpoint, err
}

// WebhookWithSecrets is WebhookEndpoint, with its secrets.
func (s *Scope) WebhookWithSecrets(ctx context.Context, id identity.ID) (identity.WebhookEndpoint, WebhookSecrets, error) {
	var row webhookRow
	err := s.locked(s.selectRows(&row)).Where("w.id = ?", id).Scan(ctx)
	return row.endpoint(), row.secrets(), found(err, "load webhook endpoint")
}

// WebhookOrganisation loads the organisation in whose audit log changes of an endpoint stand: the one whose events it is sent
// or, for all customers' events, the operating one; NOT_FOUND where the portal has none yet.
func (s *Scope) WebhookOrganisation(ctx context.Context, endpoint identity.WebhookEndpoint) (identity.Organisation, error) {
	if endpoint.Organisation == identity.WholePortal {
		return s.Operator(ctx)
	}
	return s.Organisation(ctx, endpoint.Organisation)
}

// SaveWebhookEndpoint saves what can change of one, but for its secrets.
func (s *Scope) SaveWebhookEndpoint(ctx context.Context, endpoint identity.WebhookEndpoint) error {
	_, err := s.updateRows(webhookRowOf(endpoint, WebhookSecrets{})).
		Column("url", "description", "actions", "disabled_at", "disabled_for", "failed_attempts", "failing_since", "next_attempt_at").
		Where("w.id = ?", endpoint.ID).Exec(ctx)
	if err != nil {
		return fmt.Errorf("save webhook endpoint: %w", err)
	}
	return nil
}

// SaveWebhookSecrets saves an endpoint's secrets, and until when the previous one counts.
func (s *Scope) SaveWebhookSecrets(ctx context.Context, endpoint identity.WebhookEndpoint, secrets WebhookSecrets) error {
	_, err := s.updateRows(webhookRowOf(endpoint, secrets)).Column("sealed_secret", "sealed_previous", "previous_secret_until").
		Where("w.id = ?", endpoint.ID).Exec(ctx)
	if err != nil {
		return fmt.Errorf("save webhook secrets: %w", err)
	}
	return nil
}

// RemoveWebhookEndpoint takes one away, with all that is known of its deliveries.
func (s *Scope) RemoveWebhookEndpoint(ctx context.Context, id identity.ID) error {
	for _, row := range []any{(*webhookDeliveryRow)(nil), (*webhookPositionRow)(nil)} {
		if _, err := s.deleteRows(row).Where("?TableAlias.endpoint_id = ?", id).Exec(ctx); err != nil {
			return fmt.Errorf("remove webhook deliveries: %w", err)
		}
	}
	if _, err := s.deleteRows((*webhookRow)(nil)).Where("w.id = ?", id).Exec(ctx); err != nil {
		return fmt.Errorf("remove webhook endpoint: %w", err)
	}
	return nil
}

// WebhookEndpoints lists those of the tenant, the latest first; those to which events are sent, those to which they aren't, or
// (nil) both.
func (s *Scope) WebhookEndpoints(ctx context.Context, isEnabled *bool, page identity.Page) (identity.Slice[identity.WebhookEndpoint], error) {
	var rows []webhookRow
	query := s.selectRows(&rows).ApplyQueryBuilder(webhookConditions(isEnabled).narrowing).OrderExpr("w.id DESC").Limit(int64(page.First) + 1)
	if len(page.After) == 1 {
		query = query.Where("w.id < ?", page.After[0])
	}
	if err := query.Scan(ctx); err != nil {
		return identity.Slice[identity.WebhookEndpoint]{}, fmt.Errorf("list webhook endpoints: %w", err)
	}
	return slice(rows, page, (*webhookRow).endpoint), nil
}

// CountWebhookEndpoints counts what WebhookEndpoints lists.
func (s *Scope) CountWebhookEndpoints(ctx context.Context, isEnabled *bool) (int, error) {
	count, err := s.selectRows((*webhookRow)(nil)).ApplyQueryBuilder(webhookConditions(isEnabled).narrowing).Count(ctx)
	if err != nil {
		return 0, fmt.Errorf("count webhook endpoints: %w", err)
	}
	return int(count), nil
}

func webhookConditions(isEnabled *bool) (all conditions) {
	all.holds("w.disabled_at IS NULL", isEnabled)
	return all
}
