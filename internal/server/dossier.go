package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/app"
	"github.com/sleutelbos/sleutelbos/internal/export"
	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// dossierPath is where users' dossiers are, by id: /dossier/usr_….json.
const dossierPath = "/dossier/"

// dossier answers all that is known of a user as a file.
func (s *Server) dossier(v *visit, r *http.Request) {
	if preflight(v, r) {
		return
	}
	if r.Method != http.MethodGet {
		v.badMethod("GET")
		return
	}
	user, is := strings.CutSuffix(strings.TrimPrefix(v.path, dossierPath), ".json")
	if !is {
		v.notFound("A dossier is at /dossier/, the user's id, and .json.")
		return
	}
	ctx := context.WithValue(r.Context(), visitKey{}, v)
	found, err := s.findDossier(ctx, v, r, identity.ID(user))
	if err != nil {
		s.deny(ctx, v, r, err)
		return
	}
	v.Header().Set("Content-Type", "application/json; charset=utf-8")
	v.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="dossier-%s.json"`, found.User.ID))
	if err := sendDossier(ctx, v, found); err != nil {
		s.breakOff(ctx, v, fmt.Errorf("send a dossier: %w", err))
	}
}

func (s *Server) findDossier(ctx context.Context, v *visit, r *http.Request, user identity.ID) (*app.Dossier, error) {
	actor, err := s.identifyDownload(ctx, v, r)
	if err != nil {
		return nil, err
	}
	v.actor = actor.ID()
	if r.URL.RawQuery != "" {
		return nil, identity.Refuse(identity.BadUserInput)
	}
	return s.options.App.Dossier(ctx, actor, user)
}

// sendDossier sends it event by event; a client may take batchTime for each.
func sendDossier(ctx context.Context, v *visit, found *app.Dossier) error {
	connection := http.NewResponseController(v)
	return export.WriteDossier(v, export.NewDossierHead(found.User, found.At), found.Sections, func(write func(identity.AuditEvent) error) error {
		return found.EachEvent(ctx, func(event identity.AuditEvent) error {
			// Where there is no deadline to set, in tests, there is none to heed.
			if err := connection.SetWriteDeadline(time.Now().Add(batchTime)); err != nil && !errors.Is(err, http.ErrNotSupported) {
				return err
			}
			return write(event)
		})
	})
}
