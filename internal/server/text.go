package server

import (
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"strings"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// longestTextReport bounds what is read of a status callback, in bytes; Twilio's have about one thousand.
const longestTextReport = 16 << 10

// textStatus hears from the provider what became of a text. Whoever else asks, in whatever way, is refused alike, with 403:
// the signature is over the address as it is configured, so nothing that a request says about its host counts. A fault
// answers 500, and the provider tells it again.
func (s *Server) textStatus(v *visit, r *http.Request) {
	organisation, message, found := strings.Cut(strings.TrimPrefix(v.path, identity.TextStatusPath), "/")
	if r.Method != http.MethodPost {
		v.badMethod("POST")
		return
	}
	report, known := s.textReport(v, r, identity.ID(organisation), identity.ID(message))
	if !found || !known {
		v.refuseReport()
		return
	}
	err := s.options.App.ReportText(r.Context(), v.portal.Portal, identity.ID(organisation), identity.ID(message), report)
	switch {
	case err == nil:
		v.WriteHeader(http.StatusNoContent)
	case errors.Is(err, identity.Refuse(identity.NotFound)):
		v.refuseReport()
	default:
		s.options.Log.LogAttrs(r.Context(), slog.LevelError, "fault", slog.String("requestId", v.id), slog.String("error", err.Error()))
		v.fail(http.StatusInternalServerError, "INTERNAL", "Something went wrong on our side.")
	}
}

func (v *visit) refuseReport() {
	v.fail(http.StatusForbidden, identity.Forbidden, "This isn't signed by the provider of texts, or tells of none of ours.")
}

// textReport reads a callback; false for what the provider didn't sign.
func (s *Server) textReport(v *visit, r *http.Request, organisation, message identity.ID) (identity.TextReport, bool) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	signatures := r.Header["X-Twilio-Signature"]
	if s.options.ReadTextReport == nil || err != nil || kind != "application/x-www-form-urlencoded" || len(signatures) != 1 || r.URL.RawQuery != "" {
		return identity.TextReport{}, false
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, longestTextReport+1))
	if err != nil || len(body) > longestTextReport {
		return identity.TextReport{}, false
	}
	return s.options.ReadTextReport(v.portal.TextStatusURL(organisation, message), body, signatures[0])
}
