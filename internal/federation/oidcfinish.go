package federation

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// clockSkew is how far a provider's clock and ours may be apart, and oldestToken how long a token may have been on its way.
const (
	clockSkew   = time.Minute
	oldestToken = 5 * time.Minute
)

// Finish reads what the browser brought back, fetches the token that it stands for, and answers what it asserts. Every
// error is an *identity.Unidentified.
//
// The library checks signature, algorithm, issuer, audience and expiry. All else is checked here: state, who answered
// (RFC 9207), nonce, authorised party, age, the access token's hash, and whose user info it is.
func (r *RelyingParty) Finish(ctx context.Context, pending Request, returned url.Values, now time.Time) (identity.Assertion, error) {
	known, err := r.discovered(ctx, now)
	if err != nil {
		return identity.Assertion{}, err
	}
	code, err := r.readReturn(known, pending, returned)
	if err != nil {
		return identity.Assertion{}, err
	}
	tokens, err := r.exchange(ctx, known, pending, code)
	if err != nil {
		return identity.Assertion{}, err
	}
	token, err := r.verify(ctx, known, tokens, now)
	if err != nil {
		return identity.Assertion{}, err
	}
	var claims claimSet
	if token.Claims(&claims) != nil {
		return identity.Assertion{}, refuse(ProviderFault)
	}
	if token.AccessTokenHash != "" && token.VerifyAccessToken(tokens.AccessToken) != nil {
		return identity.Assertion{}, refuse(SignatureInvalid)
	}
	authenticatedAt, err := r.checkToken(token, claims, pending, now)
	if err != nil {
		return identity.Assertion{}, err
	}
	level, err := r.row.readLevel(claims) // of the signed token alone
	if err != nil {
		return identity.Assertion{}, r.row.tooLow(claims)
	}
	if r.row.OIDC.UserInfo {
		if claims, err = r.withUserInfo(ctx, known, tokens, token.Subject, claims); err != nil {
			return identity.Assertion{}, err
		}
	}
	assertion := identity.Assertion{
		Provider: r.row.Name, Environment: r.row.Environment, Issuer: token.Issuer, ID: pending.Nonce, Level: level,
		AuthenticatedAt: authenticatedAt, ExpiresAt: token.Expiry.UTC(),
	}
	return assertion, r.row.readClaims(claims, &assertion)
}

// readReturn reads the code that the browser brought. Each parameter counts when it is there exactly once.
func (r *RelyingParty) readReturn(known *discovery, pending Request, returned url.Values) (code string, err error) {
	one := func(name string) (string, bool) { return returned.Get(name), len(returned[name]) == 1 }
	state, once := one(oidcState)
	if !once || pending.State == "" || subtle.ConstantTimeCompare([]byte(state), []byte(pending.State)) != 1 {
		return "", refuse(RequestUnknown)
	}
	issuer, named := one("iss")
	if (len(returned["iss"]) > 0 || known.namesItself) && (!named || issuer != r.row.OIDC.Issuer) {
		return "", refuse(IssuerWrong)
	}
	if len(returned["error"]) > 0 {
		if fault, _ := one("error"); fault == "access_denied" {
			return "", refuse(Cancelled)
		}
		return "", refuse(ProviderRefused)
	}
	code, there := one("code")
	if !there || code == "" || len(code) > 4096 {
		return "", refuse(ProviderFault)
	}
	return code, nil
}

// exchange gives the code for tokens, with the verifier that only this side has.
func (r *RelyingParty) exchange(ctx context.Context, known *discovery, pending Request, code string) (*oauth2.Token, error) {
	ctx = context.WithValue(ctx, oauth2.HTTPClient, r.client)
	tokens, err := r.oauth(known).Exchange(ctx, code, oauth2.VerifierOption(pending.Verifier))
	if answer, answered := errors.AsType[*oauth2.RetrieveError](err); answered {
		switch {
		case answer.Response.StatusCode >= http.StatusInternalServerError:
			return nil, refuse(ProviderUnreachable)
		case answer.ErrorCode == "":
			return nil, refuse(ProviderFault)
		}
		return nil, refuse(ProviderRefused)
	}
	if _, unreached := errors.AsType[*url.Error](err); unreached || errors.Is(err, errAnswerTooLarge) {
		return nil, refuse(brokenOff(err))
	}
	if err != nil {
		return nil, refuse(ProviderFault)
	}
	return tokens, nil
}

// verify reads the ID token, if its signature, issuer, audience and times are right.
func (r *RelyingParty) verify(ctx context.Context, known *discovery, tokens *oauth2.Token, now time.Time) (*oidc.IDToken, error) {
	raw, there := tokens.Extra("id_token").(string)
	if !there {
		return nil, refuse(ProviderFault)
	}
	rules := oidc.Config{ClientID: r.row.OIDC.ClientID, SupportedSigningAlgs: algorithms, Now: func() time.Time { return now }}
	token, err := known.provider.Verifier(&rules).Verify(ctx, raw)
	if err == nil {
		return token, nil
	}
	// Only to tell the log what was wrong: nothing of it is used.
	rules.SkipClientIDCheck, rules.SkipExpiryCheck, rules.SkipIssuerCheck = true, true, true
	signed, unsigned := known.provider.Verifier(&rules).Verify(ctx, raw)
	_, expired := errors.AsType[*oidc.TokenExpiredError](err)
	switch {
	case unsigned != nil && algorithmOf(raw) == "":
		return nil, refuse(ProviderFault)
	case unsigned != nil && !slices.Contains(algorithms, algorithmOf(raw)):
		return nil, refuse(AlgorithmWeak)
	case unsigned != nil:
		return nil, refuse(SignatureInvalid)
	case signed.Issuer != r.row.OIDC.Issuer:
		return nil, refuse(IssuerWrong)
	case !slices.Contains(signed.Audience, r.row.OIDC.ClientID):
		return nil, refuse(AudienceWrong)
	case expired:
		return nil, refuse(TooLate)
	}
	return nil, refuse(TooEarly)
}

// checkToken checks what the library leaves to its caller, and answers when the person proved who they are.
func (r *RelyingParty) checkToken(token *oidc.IDToken, claims claimSet, pending Request, now time.Time) (time.Time, error) {
	party, named := claims.text("azp")
	_, there := claims["azp"]
	switch {
	case len(token.Audience) != 1, there && (!named || party != r.row.OIDC.ClientID):
		return time.Time{}, refuse(AudienceWrong) // a token for others too could have been asked for by them
	case pending.Nonce == "" || subtle.ConstantTimeCompare([]byte(token.Nonce), []byte(pending.Nonce)) != 1:
		return time.Time{}, refuse(RequestUnknown)
	case token.IssuedAt.After(now.Add(clockSkew)):
		return time.Time{}, refuse(TooEarly)
	case token.IssuedAt.Before(now.Add(-oldestToken)):
		return time.Time{}, refuse(TooLate)
	}
	at, said := claims.instant("auth_time")
	switch {
	case !said && (r.row.OIDC.FreshSignIn || claims["auth_time"] != nil):
		return time.Time{}, refuse(TooLate)
	case !said:
		return token.IssuedAt.UTC(), nil
	case at.After(now.Add(clockSkew)):
		return time.Time{}, refuse(TooEarly)
	case r.row.OIDC.FreshSignIn && at.Before(pending.At.Add(-clockSkew)):
		return time.Time{}, refuse(TooLate)
	}
	return at, nil
}

// withUserInfo adds the claims of the user info to those of the token. It is about the same person, and adds: it changes
// nothing that was signed.
func (r *RelyingParty) withUserInfo(ctx context.Context, known *discovery, tokens *oauth2.Token, subject string, claims claimSet) (claimSet, error) {
	info, err := known.provider.UserInfo(oidc.ClientContext(ctx, r.client), oauth2.StaticTokenSource(tokens))
	if err != nil {
		return nil, refuse(brokenOff(err))
	}
	var more claimSet
	if info.Claims(&more) != nil {
		return nil, refuse(ProviderFault)
	}
	if info.Subject == "" || info.Subject != subject {
		return nil, refuse(SubjectMissing)
	}
	for name, value := range more {
		signed, there := claims[name]
		if there && !slices.Contains(protocolClaims, name) && !sameJSON(signed, value) {
			return nil, refuse(ProviderFault)
		}
		if !there {
			claims[name] = value
		}
	}
	return claims, nil
}

// protocolClaims are about the answer itself, and differ from one to the next.
var protocolClaims = []string{"iss", "aud", "azp", "exp", "iat", "nbf", "jti", "nonce", "auth_time", "at_hash", "acr", "amr", "sid"}

func sameJSON(a, b json.RawMessage) bool {
	var left, right any
	if json.Unmarshal(a, &left) != nil || json.Unmarshal(b, &right) != nil {
		return false
	}
	x, _ := json.Marshal(left) // what was read can be written
	y, _ := json.Marshal(right)
	return string(x) == string(y)
}
