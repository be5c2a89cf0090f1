package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// partnerQuery answers whose token it is, and what has become of who made it, in one statement: it is run by every request
// of a partner's program.
const partnerQuery = `SELECT t.organisation_id, t.id, t.name, t.scopes, t.networks, t.created_at, t.expires_at, t.last_used_at,
	t.revoked_at, t.created_by, t.rotated_at, t.replaced_by, ` + chosenOf + `,
	coalesce(u.id, ''), coalesce(u.organisation_id, ''), coalesce(u.provider, ''), coalesce(u.role, ''),
	coalesce(u.registration, ''), u.blocked_at, coalesce(o.main_user_id = u.id AND NOT o.is_operator, false)
	FROM api_tokens AS t
	LEFT JOIN users AS u ON u.portal = t.portal AND u.id = t.created_by
	LEFT JOIN organisations AS o ON o.portal = u.portal AND o.organisation_id = u.organisation_id
	WHERE t.portal = $1 AND t.token_hash = $2`

var clockedPartner = newClocked(partnerQuery)

// Partner is whose program asks.
type Partner struct {
	Now   time.Time
	Token identity.APIToken
	// Maker is who made the token, as far as StandsBy asks; nil: nobody is left of them.
	Maker *identity.User
}

// PartnerByToken answers whose program asks; false where no token of the portal has that hash. Whether the token is still
// good for anything, the caller decides.
func (db *DB) PartnerByToken(ctx context.Context, portal string, tokenHash []byte) (Partner, bool, error) {
	var t apiTokenRow
	var u userRow
	var now time.Time
	columns := []any{
		(*string)(&t.OrganisationID), (*string)(&t.ID), &t.Name, &t.Scopes, &t.Networks, &t.CreatedAt, &t.ExpiresAt, &t.LastUsedAt,
		&t.RevokedAt, (*string)(&t.CreatedBy), &t.RotatedAt, (*string)(&t.ReplacedBy), &t.Chosen,
		(*string)(&u.ID), (*string)(&u.OrganisationID), &u.Provider, (*string)(&u.Role), (*string)(&u.Registration), &u.BlockedAt,
		&u.IsMainUser,
	}
	err := db.queryOutside(ctx, clockedPartner, []any{portal, tokenHash}, &now, columns)
	if errors.Is(err, sql.ErrNoRows) || errors.Is(err, pgx.ErrNoRows) {
		return Partner{}, false, nil
	}
	if err != nil {
		return Partner{}, false, fmt.Errorf("look an API token up: %w", err)
	}
	t.Portal, u.Portal = portal, portal
	partner := Partner{Now: db.instant(now), Token: t.apiToken()}
	if u.ID != "" {
		maker := u.user()
		partner.Maker = &maker
	}
	return partner, true, nil
}

// SetRequestsAside takes so many requests out of what a token may make in the window that begins then, notes that the token
// was used, and answers how many were taken so far in the window, these with them, and which window that is: a later one
// where that has begun meanwhile.
func (db *DB) SetRequestsAside(ctx context.Context, token identity.APIToken, window time.Time, count int, now time.Time) (taken int, at time.Time, err error) {
	err = db.system.NewRaw(`UPDATE api_tokens SET last_used_at = ?0,
		window_taken = CASE WHEN window_at >= ?1 THEN window_taken + ?2 ELSE ?2 END,
		window_at = CASE WHEN window_at >= ?1 THEN window_at ELSE ?1 END
		WHERE portal = ?3 AND organisation_id = ?4 AND id = ?5 RETURNING window_taken, window_at`,
		now, window, count, token.Portal, token.Organisation, token.ID).Scan(ctx, &taken, &at)
	if err != nil {
		return 0, at, fmt.Errorf("set requests aside: %w", err)
	}
	return taken, at.UTC(), nil
}
