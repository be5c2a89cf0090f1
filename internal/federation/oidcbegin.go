package federation

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// Begin makes a request, and the address of the provider that the browser is sent to with it. Random is a source of secret
// random bytes, of which it takes 96.
func (r *RelyingParty) Begin(ctx context.Context, now time.Time, random io.Reader) (Request, string, error) {
	known, err := r.discovered(ctx, now)
	if err != nil {
		return Request{}, "", err
	}
	bits := make([]byte, 96)
	if _, err := io.ReadFull(random, bits); err != nil {
		return Request{}, "", fmt.Errorf("random bytes: %w", err)
	}
	text := func(n int) string { return base64.RawURLEncoding.EncodeToString(bits[32*n : 32*(n+1)]) }
	pending := Request{text(0), text(1), text(2), now.UTC()}
	options := []oauth2.AuthCodeOption{oidc.Nonce(pending.Nonce), oauth2.S256ChallengeOption(pending.Verifier)}
	if len(r.row.OIDC.ACRValues) > 0 {
		options = append(options, oauth2.SetAuthURLParam("acr_values", strings.Join(r.row.OIDC.ACRValues, " ")))
	}
	if r.row.OIDC.FreshSignIn {
		// The age makes the provider tell when it was, which prompt alone doesn't.
		options = append(options, oauth2.SetAuthURLParam("prompt", "login"), oauth2.SetAuthURLParam("max_age", "0"))
	}
	return pending, r.oauth(known).AuthCodeURL(pending.State, options...), nil
}
