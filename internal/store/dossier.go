package store

import (
	"context"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// part is a table in which rows are a user's, or of the organisation that is theirs alone: what a dossier tells of it, and what
// there is sealed, which its caller opens.
type part struct {
	name, table, by string
	columns         []string
	sealed          []string
}

// parts are all that a dossier has besides audit events. What isn't here is in the list of exemptions of a test, with a reason: a
// column must be in one of both.
var parts = []part{
	{"account", "users", "id", words(`id display_name email username role registration provider language blocked_at enrolment_owed factor_kinds
		postponed_at email_refused_at created_at last_sign_in_at password_reset_at removed_at`), nil},
	{"organisation", "organisations", "organisation_id", words("organisation_id name code is_operator is_private created_at removed_at"), nil},
	{"personRecord", "persons", "organisation_id", words("organisation_id"), words("sealed")},
	{"signInNames", "identifiers", "user_id", words("kind value"), nil},
	{"factors", "factors", "user_id", words("id kind name hint enrolled_at last_used_at disabled_at refused_at failures last_failed_at"), words("sealed_secret")},
	{"securityKeys", "webauthn_credentials", "user_id", words("factor_id sign_count backup_eligible backed_up user_verified transports"), nil},
	{"enrolments", "enrolments", "user_id", words("id kind name failures expires_at"), words("sealed_secret")},
	{"sentCodes", "codes", "user_id", words("factor_id sent_at expires_at resend_allowed_at resends_remaining"), nil},
	{"contactChanges", "contact_changes", "user_id", words(`id kind state destination_hint failures last_failed_at requested_at
		expires_at`), words("sealed_old sealed_new")},
	{"providers", "federated_identities", "user_id", words("provider environment subject kvk_number"), nil},
	{"sessions", "sessions", "user_id", words(`id strength provider assurance_level kvk_number establishments intermediary proven_by proven_at
		created_at last_seen_at user_agent ip_address`), nil},
	{"signIns", "sign_ins", "user_id", words("id first_credential factor_proven postponed began_at expires_at"), nil},
	{"refusedSignIns", "sign_in_refusals", "user_id", words("provider code noted_at"), nil},
	{"links", "links", "user_id", words("id purpose created_at expires_at used_at revoked_at action_id"), nil},
	{"invitations", "invitations", "user_id", words("id email role sign_in created_at expires_at last_sent_at accepted_at revoked_at"), nil},
	{"registrations", "registrants", "user_id", words("id replaces_id created_at due_at ready_at ended_at outcome"), nil},
	{"messages", "messages", "user_id", words(`id kind language recipient name organisation_name factor_id factor_name webhook_host created_at
		expires_at state tried_at settled_at refusal provider_id provider_status`), nil},
	{"importedBy", "import_rows", "target_id", words("import_id number state"), nil},
	{"imports", "imports", "actor_id", words("id key kind created_at"), nil},
	{"apiTokens", "api_tokens", "created_by", words("id name scopes networks created_at expires_at last_used_at revoked_at rotated_at replaced_by"), nil},
	{"webhookEndpoints", "webhook_endpoints", "owner_id", words("id url description actions created_at created_by disabled_at disabled_for"), nil},
	{"idempotencyKeys", "idempotency_keys", "actor_id", words("key operation created_at"), nil},
	{"supportActions", "support_actions", "target_id", words(`id kind reason ticket requested_at state expires_at effective_at cancellation
		ended_at account_maximum`), nil},
}

func words(text string) []string { return strings.Fields(text) }

// SealedDossier is a section with what is sealed in it, a map of column to value for each row.
type SealedDossier struct {
	identity.DossierSection
	Sealed []map[string][]byte
}

// Dossier reads all that is known of a user but for audit events, section by section. Of an organisation it tells the row itself,
// and the record of the person whom it is of: it isn't asked for anybody else's.
func (s *Scope) Dossier(ctx context.Context, user identity.User, isPerson bool) ([]SealedDossier, error) {
	var all []SealedDossier
	for _, p := range parts {
		of := user.ID
		if p.by == "organisation_id" {
			of = user.OrganisationID
		}
		section := SealedDossier{DossierSection: identity.DossierSection{Name: p.name, Rows: []map[string]any{}}}
		if p.table != Persons.Table || isPerson {
			if err := s.fill(ctx, p, of, &section); err != nil {
				return nil, fmt.Errorf("read %s for a dossier: %w", p.table, err)
			}
		}
		all = append(all, section)
	}
	return all, nil
}

func (s *Scope) fill(ctx context.Context, p part, of identity.ID, into *SealedDossier) (err error) {
	columns := append(append([]string{}, p.columns...), p.sealed...)
	query := &statement{}
	query.add("SELECT x."+strings.Join(columns, ", x.")+" FROM "+p.table+" AS x WHERE x."+p.by+" = ?", string(of))
	query.wall(s.tenant, "x")
	query.add(" ORDER BY 1, 2")
	found, err := s.tx.QueryContext(ctx, query.text.String(), query.values...)
	if err != nil {
		return err
	}
	defer func() { _ = found.Close() }() // a failure shows in Err
	kinds, err := found.ColumnTypes()
	if err != nil {
		return err
	}
	for found.Next() {
		values, places := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			places[i] = &values[i]
		}
		if err := found.Scan(places...); err != nil {
			return err
		}
		row, sealed := map[string]any{}, map[string][]byte{}
		for i, column := range columns {
			if i < len(p.columns) {
				row[camel(column)] = shown(values[i], kinds[i].DatabaseTypeName())
			} else {
				sealed[column], _ = values[i].([]byte)
			}
		}
		into.Rows, into.Sealed = append(into.Rows, row), append(into.Sealed, sealed)
	}
	return found.Err()
}

// camel is a column's name as a member of JSON.
func camel(column string) string {
	parts := strings.Split(column, "_")
	for i := range parts[1:] {
		parts[i+1] = strings.ToUpper(parts[i+1][:1]) + parts[i+1][1:]
	}
	return strings.Join(parts, "")
}

// shown is a value of a column of that kind as JSON has it, the same from both databases: SQLite keeps a boolean as a number.
func shown(value any, kind string) any {
	switch v := value.(type) {
	case int64:
		if strings.EqualFold(kind, "boolean") {
			return v != 0
		}
	case time.Time:
		return v.UTC().Format(time.RFC3339Nano)
	case []byte:
		return hex.EncodeToString(v)
	}
	return value
}

// AuditEventsConcerning lists events of an organisation behind that sequence which a user did, or which were done to them; the
// earliest first, at most so many.
func (s *Scope) AuditEventsConcerning(ctx context.Context, user identity.User, sequence int64, most int) ([]AuditEvent, error) {
	var rows []eventRow
	err := s.selectEvents(&rows).Where("e.organisation_id = ? AND e.sequence > ?", user.OrganisationID, sequence).
		Where("(e.actor_id = ? OR e.target_id = ?)", user.ID, user.ID).OrderExpr("e.sequence").Limit(int64(most)).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("read audit events of a user: %w", err)
	}
	events := make([]AuditEvent, len(rows))
	for i := range rows {
		events[i] = rows[i].event()
	}
	return events, nil
}
