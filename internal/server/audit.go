package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/sleutelbos/sleutelbos/graph"
	"github.com/sleutelbos/sleutelbos/internal/app"
	"github.com/sleutelbos/sleutelbos/internal/export"
	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// auditPath is where organisations' audit logs are, by id and format: /audit/org_….jsonl and /audit/org_….csv.
const auditPath = "/audit/"

// batchTime is how long a client may take for one batch of an export. The whole may take as long as it takes.
const batchTime = writeTime

// audit answers an organisation's audit log as a file.
func (s *Server) audit(v *visit, r *http.Request) {
	if preflight(v, r) {
		return
	}
	if r.Method != http.MethodGet {
		v.badMethod("GET")
		return
	}
	organisation, ending, _ := strings.Cut(strings.TrimPrefix(v.path, auditPath), ".")
	format := export.Format(ending)
	if format != export.JSONLines && format != export.CSV {
		v.notFound("An audit log is at /audit/, the organisation's id, and .jsonl or .csv.")
		return
	}
	ctx := context.WithValue(r.Context(), visitKey{}, v)
	found, err := s.beginExport(ctx, v, r, identity.ID(organisation))
	if err != nil {
		s.deny(ctx, v, r, err)
		return
	}
	v.Header().Set("Content-Type", format.MediaType())
	v.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="audit-%s.%s"`, found.Organisation.ID, format))
	if err := stream(ctx, v, found, export.New(format, v)); err != nil {
		s.breakOff(ctx, v, err)
	}
}

func (s *Server) beginExport(ctx context.Context, v *visit, r *http.Request, organisation identity.ID) (*app.AuditExport, error) {
	actor, err := s.identifyDownload(ctx, v, r)
	if err != nil {
		return nil, err
	}
	v.actor = actor.ID()
	filter, err := readAuditFilter(r.URL.RawQuery)
	if err != nil {
		return nil, err
	}
	return s.options.App.ExportAudit(ctx, actor, organisation, filter)
}

// identifyDownload finds out who asks for a file by GET. A cookie counts where the browser says that the portal's own page, or
// the person, asks; not where it doesn't say. The file itself is of no use to a foreign page, which can't read it, but nobody
// is to be made to download their audit log.
func (s *Server) identifyDownload(ctx context.Context, v *visit, r *http.Request) (identity.Actor, error) {
	given := graph.Credentials(r, v.portal.Slug)
	switch bearer := len(r.Header["Authorization"]) > 0; {
	case bearer && given != (app.Credentials{}):
		return identity.Actor{}, identity.Refuse(identity.BadUserInput) // it doesn't know what it is
	case bearer, given == (app.Credentials{}):
		return s.identify(ctx, v, r)
	}
	origin, site := r.Header["Origin"], r.Header.Get("Sec-Fetch-Site")
	ours := len(origin) == 1 && (origin[0] == v.portal.SPA.Origin || isOwn(origin[0], r.Host))
	if !ours && (len(origin) > 0 || site != "same-origin" && site != "none") {
		return identity.Actor{}, identity.Refuse(identity.Forbidden)
	}
	actor, err := s.options.App.Identify(ctx, v.portal.Portal, given, v.clientOf(r))
	if _, refused := identity.Refusals(err); err != nil && !refused {
		return identity.Actor{}, err
	}
	return actor, err
}

// longestFilter bounds the query of an export, in bytes.
const longestFilter = 4 << 10

// readAuditFilter reads a query like ?action=SIGNED_IN&action=SIGNED_OUT&actorId=usr_…&targetId=usr_…&from=2025-01-01T00:00:00Z
// &until=…. What it doesn't know it refuses: a filter with a slip of the pen must not look like one that found nothing.
func readAuditFilter(query string) (identity.AuditFilter, error) {
	values, err := url.ParseQuery(query)
	if err != nil || len(query) > longestFilter {
		return identity.AuditFilter{}, identity.Refuse(identity.BadUserInput)
	}
	var filter identity.AuditFilter
	for name, given := range values {
		if name == "action" {
			filter.Actions, err = readActions(given)
		} else {
			err = narrow(&filter, name, given)
		}
		if err != nil {
			return filter, err
		}
	}
	return filter, nil
}

func readActions(given []string) ([]identity.Action, error) {
	actions := make([]identity.Action, len(given))
	for i, name := range given {
		if !slices.Contains(graph.AuditActions, name) {
			return nil, identity.Refuse(identity.BadUserInput, "action")
		}
		actions[i] = identity.Action(name)
	}
	return actions, nil
}

// narrow reads a parameter that may be given once.
func narrow(filter *identity.AuditFilter, name string, given []string) error {
	id := identity.ID(given[0])
	at, malformed := time.Parse(time.RFC3339, given[0])
	switch {
	case len(given) > 1:
	case name == "actorId":
		filter.Actor = &id
		return nil
	case name == "targetId":
		filter.Target = &id
		return nil
	case malformed != nil:
	case name == "from":
		filter.From = &at
		return nil
	case name == "until":
		filter.Until = &at
		return nil
	}
	return identity.Refuse(identity.BadUserInput)
}

// stream sends an export, batch by batch.
func stream(ctx context.Context, v *visit, found *app.AuditExport, to export.Writer) error {
	connection := http.NewResponseController(v)
	count, err := found.Each(ctx, func(events []identity.AuditEvent) error {
		// Where there is no deadline to set, in tests, there is none to heed.
		if err := connection.SetWriteDeadline(time.Now().Add(batchTime)); err != nil && !errors.Is(err, http.ErrNotSupported) {
			return err
		}
		for _, event := range events {
			if err := to.Write(event); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return to.Close(export.Head{
		AuditHead: found.Head, Portal: found.Organisation.Portal, Organisation: found.Organisation.ID,
		Events: count, Filtered: !found.Filter.IsEmpty(),
	})
}

// breakOff ends half an answer, so that nobody takes it for a whole one; and tells why, unless the client left.
func (s *Server) breakOff(ctx context.Context, v *visit, err error) {
	if ctx.Err() == nil {
		s.options.Log.LogAttrs(ctx, slog.LevelError, "fault",
			slog.String("requestId", v.id), slog.String("error", fmt.Errorf("send a file: %w", err).Error()))
	}
	panic(http.ErrAbortHandler)
}
