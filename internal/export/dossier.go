package export

import (
	"encoding/json"
	"io"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// DossierHead says what a dossier is and of whom.
type DossierHead struct {
	Format string      `json:"format"`
	Form   int         `json:"version"`
	MadeAt string      `json:"madeAt"`
	Portal string      `json:"portal"`
	UserID identity.ID `json:"userId"`
}

// NewDossierHead is the head of a dossier that was made then.
func NewDossierHead(user identity.User, at time.Time) DossierHead {
	return DossierHead{"sleutelbos dossier", identity.DossierVersion, at.UTC().Format(time.RFC3339), user.Portal, user.ID}
}

// dossierEvent is an audit event as a dossier tells it: what proves the chain is in the export of the log.
type dossierEvent struct {
	Sequence int64                `json:"sequence"`
	At       string               `json:"at"`
	Action   identity.Action      `json:"action"`
	ActorID  *identity.ID         `json:"actorId"`
	TargetID *identity.ID         `json:"targetId"`
	Details  map[string]string    `json:"details"`
	Facts    *identity.AuditFacts `json:"facts,omitempty"`
}

// WriteDossier writes one JSON object: the head's members, a member for each section, and last auditEvents, which each hands over
// one by one. Where that fails the object is never closed, so that nobody takes half a dossier for a whole one.
func WriteDossier(to io.Writer, head DossierHead, sections []identity.DossierSection, each func(func(identity.AuditEvent) error) error) error {
	text, err := json.Marshal(head)
	if err != nil {
		return err
	}
	if _, err := to.Write(text[:len(text)-1]); err != nil {
		return err
	}
	for _, section := range sections {
		rows, err := json.Marshal(section.Rows)
		if err != nil {
			return err
		}
		if _, err := io.WriteString(to, `,"`+section.Name+`":`+string(rows)); err != nil {
			return err
		}
	}
	if err := writeEvents(to, each); err != nil {
		return err
	}
	_, err = io.WriteString(to, "]}\n")
	return err
}

func writeEvents(to io.Writer, each func(func(identity.AuditEvent) error) error) error {
	if _, err := io.WriteString(to, `,"auditEvents":[`); err != nil {
		return err
	}
	between := ""
	return each(func(e identity.AuditEvent) error {
		details := e.Details
		if details == nil {
			details = map[string]string{}
		}
		text, err := json.Marshal(dossierEvent{
			e.Sequence, e.At.UTC().Format(instant), e.Action, orNull(e.Actor), orNull(e.Target), details, e.Facts,
		})
		if err != nil {
			return err
		}
		_, err = io.WriteString(to, between+string(text))
		between = ","
		return err
	})
}
