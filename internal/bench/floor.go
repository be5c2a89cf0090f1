package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/secret"
)

// ledger is the statements of the floors, in the words of one database.
type ledger interface {
	// session is one select by the hash of a token.
	session(ctx context.Context, tokenHash []byte) (sessionFloor, error)
	// household is three queries: the organisation of a session, its users, and their factors.
	household(ctx context.Context, tokenHash []byte) (organisationFloor, error)
	// account is one look-up of a name.
	account(ctx context.Context, email string) (accountFloor, error)
	// open is one insert.
	open(ctx context.Context, a accountFloor, id string, tokenHash []byte) error
}

// What the floors answer: the JSON that the product answers to the same question, as structs of their own.
type (
	sessionFloor struct {
		ID, User  string
		CreatedAt time.Time
	}
	organisationFloor struct {
		ID    string          `json:"id"`
		Name  string          `json:"name"`
		Users connectionFloor `json:"users"`
	}
	connectionFloor struct {
		Nodes []userFloor `json:"nodes"`
	}
	userFloor struct {
		ID           string         `json:"id"`
		DisplayName  string         `json:"displayName"`
		Email        string         `json:"email"`
		Role         string         `json:"role"`
		Status       string         `json:"status"`
		TwoFactor    twoFactorFloor `json:"twoFactor"`
		LastSignInAt *time.Time     `json:"lastSignInAt"`
	}
	twoFactorFloor struct {
		IsEnrolled bool     `json:"isEnrolled"`
		Kinds      []string `json:"kinds"`
	}
	accountFloor struct{ organisation, user, passwordHash string }
)

// floor is handlers without framework: net/http, a driver, encoding/json.
type floor struct {
	ledger ledger
	hasher *secret.Hasher
}

// serveFloor is the process of the floors: "floor DATABASE-URL ADDRESS INTERNAL-ADDRESS".
func serveFloor(ctx context.Context, arguments []string) error {
	if len(arguments) != 3 {
		return errors.New("usage: bench floor DATABASE-URL ADDRESS INTERNAL-ADDRESS")
	}
	open := openSQLiteFloor
	if isPostgres(arguments[0]) {
		open = openPostgresFloor
	}
	l, err := open(ctx, arguments[0])
	if err != nil {
		return err
	}
	f := floor{ledger: l, hasher: secret.NewHasher(secret.HasherOptions{})}
	world := http.NewServeMux()
	world.HandleFunc("POST /session", f.session)
	world.HandleFunc("POST /organisation", f.organisation)
	world.HandleFunc("POST /sign-in", f.signIn)
	ready := http.NewServeMux()
	ready.HandleFunc("GET /readyz", func(http.ResponseWriter, *http.Request) {})
	return serve(ctx, arguments[1], world, arguments[2], ready)
}

func serve(ctx context.Context, address string, world http.Handler, internal string, ready http.Handler) error {
	ended := make(chan error, 2)
	for _, each := range []struct {
		address string
		handler http.Handler
	}{{address, world}, {internal, ready}} {
		listener, err := net.Listen("tcp", each.address)
		if err != nil {
			return err
		}
		server := &http.Server{Handler: each.handler, ReadHeaderTimeout: 5 * time.Second}
		go func() { ended <- server.Serve(listener) }()
	}
	select {
	case <-ctx.Done():
		return nil
	case err := <-ended:
		return err
	}
}

// hashOf reads the cookie's token.
func hashOf(r *http.Request) ([]byte, error) {
	cookie, err := r.Cookie("__Host-" + portalSlug + "-session")
	if err != nil {
		return nil, err
	}
	token, err := base64.RawURLEncoding.DecodeString(cookie.Value)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(token)
	return sum[:], nil
}

func (f floor) session(w http.ResponseWriter, r *http.Request) {
	hash, err := hashOf(r)
	if err != nil {
		http.Error(w, "no session", http.StatusUnauthorized)
		return
	}
	_, _ = io.Copy(io.Discard, r.Body)
	session, err := f.ledger.session(r.Context(), hash)
	if err != nil || time.Since(session.CreatedAt) > 12*time.Hour {
		http.Error(w, "no session", http.StatusUnauthorized)
		return
	}
	answer(w, map[string]any{"data": map[string]any{"viewer": map[string]any{
		"user": map[string]string{"id": session.User}, "session": map[string]string{"id": session.ID},
	}}})
}

func (f floor) organisation(w http.ResponseWriter, r *http.Request) {
	hash, err := hashOf(r)
	if err != nil {
		http.Error(w, "no session", http.StatusUnauthorized)
		return
	}
	_, _ = io.Copy(io.Discard, r.Body)
	found, err := f.ledger.household(r.Context(), hash)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	type data struct {
		Organisation organisationFloor `json:"organisation"`
	}
	answer(w, struct {
		Data data `json:"data"`
	}{data{found}})
}

func (f floor) signIn(w http.ResponseWriter, r *http.Request) {
	var given struct{ Email, Password string }
	if err := json.NewDecoder(r.Body).Decode(&given); err != nil {
		http.Error(w, "no JSON", http.StatusBadRequest)
		return
	}
	account, err := f.ledger.account(r.Context(), given.Email)
	if err != nil {
		http.Error(w, "unknown", http.StatusUnauthorized)
		return
	}
	verdict, err := f.hasher.Verify(r.Context(), given.Password, account.passwordHash)
	if err != nil || !verdict.Match {
		http.Error(w, "wrong", http.StatusUnauthorized)
		return
	}
	token, err := secret.NewToken(rand.Reader)
	if err != nil {
		http.Error(w, "no randomness", http.StatusInternalServerError)
		return
	}
	var random [10]byte
	_, _ = rand.Read(random[:]) // never fails, says its documentation
	id := string(identity.NewID(identity.KindSession, time.Now(), random))
	if err := f.ledger.open(r.Context(), account, id, token.Hash()); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Set-Cookie", "session="+token.Reveal())
	answer(w, map[string]string{"session": id, "step": "SignInComplete"})
}

func answer(w http.ResponseWriter, value any) {
	text, err := json.Marshal(value)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	_, _ = w.Write(text)
}
