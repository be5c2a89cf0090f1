package broker

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
)

const (
	codeLifetime  = time.Minute
	tokenLifetime = 2 * time.Minute
	longestForm   = 16 << 10 // bytes
)

// grant is what a code stands for.
type grant struct {
	Request
	claims    map[string]any
	expiresAt time.Time
}

func (b *Broker) grant(r Request, claims map[string]any) (code string) {
	now := b.Now()
	all := map[string]any{
		"iss": b.Issuer, "aud": r.clientID, "nonce": r.nonce, "iat": now.Unix(), "auth_time": now.Unix(), "exp": now.Add(tokenLifetime).Unix(),
	}
	maps.Copy(all, claims)
	code = rand.Text()
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.grants[code] = grant{r, all, now.Add(codeLifetime)}
	return code
}

// token gives the claims for a code, once, to whoever has the secret, the address and the verifier that it was made for.
func (b *Broker) token(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, longestForm)
	client, secret, _ := r.BasicAuth()
	code := r.PostFormValue("code")
	b.mutex.Lock()
	given, known := b.grants[code]
	delete(b.grants, code)
	b.mutex.Unlock()
	challenge := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	if !known || client != given.clientID || subtle.ConstantTimeCompare([]byte(secret), []byte(b.ClientSecret)) != 1 ||
		r.PostFormValue("redirect_uri") != given.redirectURL || b.Now().After(given.expiresAt) ||
		base64.RawURLEncoding.EncodeToString(challenge[:]) != given.challenge {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(`{"error": "invalid_grant"}`))
		return
	}
	signed, err := b.sign(given.claims)
	if err != nil {
		http.Error(w, "The token can't be signed.", http.StatusInternalServerError)
		return
	}
	access := rand.Text()
	b.mutex.Lock()
	b.infos[access] = given.claims
	b.mutex.Unlock()
	answer(w, map[string]any{"access_token": access, "token_type": "Bearer", "expires_in": tokenLifetime / time.Second, "id_token": signed})
}

func (b *Broker) sign(claims map[string]any) (string, error) {
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: b.key, KeyID: keyName}}, nil)
	if err != nil {
		return "", err
	}
	text, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	signed, err := signer.Sign(text)
	if err != nil {
		return "", err
	}
	return signed.CompactSerialize()
}

// userInfo tells the same once more, for providers whose rows ask there.
func (b *Broker) userInfo(w http.ResponseWriter, r *http.Request) {
	access, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	b.mutex.Lock()
	claims, known := b.infos[access]
	delete(b.infos, access)
	b.mutex.Unlock()
	if !known {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	answer(w, claims)
}
