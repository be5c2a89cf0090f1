package graph_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/testrig"
	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

// hooked has a receiver, which fails at first, hear everything from then on, by a secret that was rotated once.
func (j *journey) hooked(partner *rig.Browser) {
	j.T.Helper()
	j.receiver = testrig.NewReceiver(j.T)
	j.receiver.Answer(testrig.AnswerWith(500), testrig.AnswerWith(302, "Location", j.receiver.URL))
	create := fmt.Sprintf(`mutation { createWebhookEndpoint(input: {url: %q, idempotencyKey: "merk"}) { endpoint { id } secret userErrors { code } } }`, j.receiver.URL)
	made := partner.Do(create)
	if again := partner.Do(create); again.String("createWebhookEndpoint.secret") != made.String("createWebhookEndpoint.secret") {
		j.T.Fatalf("another secret is shown: %s", again.Text)
	}
	rotated := partner.Do(`mutation ($id: ID!) { rotateWebhookSecret(input: {id: $id, idempotencyKey: "merk2"}) { secret userErrors { code } } }`,
		map[string]any{"id": made.String("createWebhookEndpoint.endpoint.id")})
	for name, shown := range map[string]string{
		"webhook secret": made.String("createWebhookEndpoint.secret"), "rotated webhook secret": rotated.String("rotateWebhookSecret.secret"),
	} {
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(shown, "whsec_"))
		if err != nil || len(key) == 0 || !strings.HasPrefix(shown, "whsec_") {
			j.T.Fatalf("no %s is shown: %v\n%s\n%s", name, err, made.Text, rotated.Text)
		}
		j.secrets[name], j.secrets[name+", bare"], j.secrets[name+", bytes"] = shown, strings.TrimPrefix(shown, "whsec_"), string(key)
	}
	j.do(partner, `{ webhookEndpoints { nodes { id url description deliveries { nodes { state failure } } } } }`, nil)
}

// heard is all that came to the receiver.
func (j *journey) heard() string {
	j.Clock.Advance(time.Minute) // past the wait between two tries
	j.Settle()
	var all strings.Builder
	for _, received := range j.receiver.All() {
		fmt.Fprintf(&all, "%v\n%s\n", received.Header, received.Body)
	}
	return all.String()
}
