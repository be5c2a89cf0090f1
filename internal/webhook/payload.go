package webhook

import (
	"encoding/hex"
	"encoding/json"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// body is what a receiver reads. It has ids, never names, addresses or what people wrote.
type body struct {
	Type string `json:"type"`
	// Timestamp is when it happened: RFC 3339, in UTC.
	Timestamp string `json:"timestamp"`
	Data      data   `json:"data"`
}

type data struct {
	ID             identity.ID `json:"id"`
	OrganisationID identity.ID `json:"organisationId"`
	// Sequence and Hash are the event's place in its organisation's audit log.
	Sequence int64             `json:"sequence"`
	Action   identity.Action   `json:"action"`
	ActorID  *identity.ID      `json:"actorId"`
	TargetID *identity.ID      `json:"targetId"`
	Details  map[string]string `json:"details"`
	Hash     string            `json:"hash"`
}

// Payload is the body that tells of an event: the same bytes each time.
func Payload(event identity.AuditEvent) []byte {
	text, _ := json.Marshal(body{ // strings and maps of strings always encode
		Type: event.Action.EventType(), Timestamp: event.At.UTC().Format(time.RFC3339Nano),
		Data: data{
			ID: event.ID, OrganisationID: event.Organisation, Sequence: event.Sequence, Action: event.Action,
			ActorID: orNull(event.Actor), TargetID: orNull(event.Target), Details: event.WithoutFreeText(),
			Hash: hex.EncodeToString(event.Hash),
		},
	})
	return text
}

func orNull(id identity.ID) *identity.ID {
	if id == "" {
		return nil
	}
	return &id
}
