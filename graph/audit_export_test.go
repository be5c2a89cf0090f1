package graph_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

func TestTheAuditLogIsExportedByWhomItMayBeReadBy(t *testing.T) {
	t.Parallel()
	readers := identity.AuditReaders
	if diff := cmp.Diff(accessOf(t)["Organisation.auditEvents"], readers); diff != "" {
		t.Errorf("the schema and the export differ in who may read: %s", diff)
	}
	withBroker(t, func(t *testing.T, r *rig.Rig) {
		m := newMatrix(r, identity.SingleFactor)
		for _, c := range m.callers {
			c.actor.At = r.Clock.Now()
			for _, h := range []household{m.own, m.sibling, m.foreign, m.staff} {
				for _, ending := range []string{".jsonl", ".csv"} {
					got := c.export(h.ids["org"] + ending)
					if want := wantExport(c, h, readers, m); got != want {
						t.Errorf("%s exports %s's log: %d, want %d", c.name, h.name, got, want)
					}
				}
			}
			if got := c.export(missing("org") + ".jsonl"); got == http.StatusOK {
				t.Errorf("%s exports the log of no organisation", c.name)
			}
		}
	}, rig.Portal("default", likeTVM))
}

func (c caller) export(file string) int {
	response, _ := c.browser.Get("/audit/"+file, "Sec-Fetch-Site", "same-origin")
	return response.StatusCode
}

// wantExport is the status that a caller should get for a household's log.
func wantExport(c caller, h household, readers identity.Access, m *matrix) int {
	switch code := admits(readers, c.actor); {
	case code == string(identity.Unauthenticated):
		return http.StatusUnauthorized
	case code != "":
		return http.StatusForbidden
	case h.name == m.own.name, h.name == m.sibling.name && c.wide, h.name == "staff" && c.actor.IsStaff():
		return http.StatusOK
	}
	return http.StatusNotFound
}

// exporter is a main user with an audit log.
func exporter(r *rig.Rig) (*rig.Browser, string) {
	id := r.Organisation("tvm", "joosten", "main@joosten.test")
	return r.SignedIn("tvm", "main@joosten.test"), "/audit/" + id
}

func TestAForeignPageMakesNobodyDownloadTheirAuditLog(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, r *rig.Rig) {
		main, path := exporter(r)
		origin := r.Portal("tvm").SPA.Origin
		for want, headers := range map[int][][]string{
			http.StatusOK: {
				{"Sec-Fetch-Site", "same-origin"}, {"Sec-Fetch-Site", "none"}, {"Origin", origin, "Sec-Fetch-Site", "cross-site"}, {"Origin", r.URL},
			},
			http.StatusForbidden: {
				{},
				{"Sec-Fetch-Site", "cross-site"},
				{"Sec-Fetch-Site", "same-site"},
				{"Origin", "https://evil.test"},
				{"Origin", "null"},
				{"Origin", "https://evil.test", "Sec-Fetch-Site", "same-origin"},
				{"Origin", origin + ".evil.test", "Sec-Fetch-Site", "same-site"},
			},
			http.StatusBadRequest: {{"Authorization", "Bearer x", "Sec-Fetch-Site", "same-origin"}},
		} {
			for _, header := range headers {
				if response, text := main.Get(path+".jsonl", header...); response.StatusCode != want {
					t.Errorf("with %v: %d, want %d: %s", header, response.StatusCode, want, text)
				}
			}
		}
		response, _ := main.Get(path+".csv", "Sec-Fetch-Site", "same-origin")
		for name, want := range map[string]string{
			"Content-Type": "text/csv; charset=utf-8; header=present", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store",
			"Content-Disposition": `attachment; filename="audit-` + strings.TrimPrefix(path, "/audit/") + `.csv"`,
		} {
			if got := response.Header.Get(name); got != want {
				t.Errorf("%s: %s, want %s", name, got, want)
			}
		}
	})
}

func TestAnExportHasWhatTheListHasAndEndsWithTheHead(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, r *rig.Rig) {
		main, path := exporter(r)
		main.Invite("sub@joosten.test", "Sub", identity.SubUser)
		listed := main.Do(`{ organisation { auditHead { sequence hash at } auditEvents { nodes { sequence hash } } } }`)
		for _, ending := range []string{".jsonl", ".csv"} {
			_, text := main.Get(path+ending, "Sec-Fetch-Site", "same-origin")
			lines := strings.Split(strings.TrimSpace(text), "\n")
			last := lines[len(lines)-1]
			if !strings.Contains(last, listed.String("organisation.auditHead.hash")) {
				t.Errorf("%s: the last line is %s, the head %s", ending, last, listed.Text)
			}
			events := slices.DeleteFunc(lines[:len(lines)-1], func(line string) bool { return strings.HasPrefix(line, "sequence,") })
			slices.Reverse(events)
			for i, node := range listed.List("organisation.auditEvents.nodes") {
				if hash, _ := node.(map[string]any)["hash"].(string); i >= len(events) || hash == "" || !strings.Contains(events[i], hash) {
					t.Errorf("%s: event %v isn't where it should be", ending, node)
				}
			}
		}
	})
}

func TestTheFiltersOfAnExportAreThoseOfTheList(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, r *rig.Rig) {
		main, path := exporter(r)
		id := main.Do(`{ viewer { user { id } } }`).String("viewer.user.id")
		for query, want := range map[string]int{
			"": 5, "?action=SIGNED_IN": 1, "?action=SIGNED_IN&action=PASSWORD_SET": 2, "?actorId=" + id: 3, "?targetId=" + id: 3,
			"?from=2025-06-11T12:00:00Z&until=2035-06-11T14:00:00%2B02:00": 5, "?until=2025-06-11T12:00:00Z": 0, "?from=2035-06-11T12:00:00Z": 0,
			"?actorId=usr_nobody": 0,
		} {
			response, text := main.Get(path+".jsonl"+query, "Sec-Fetch-Site", "same-origin")
			if got := strings.Count(text, "\n") - 1; response.StatusCode != http.StatusOK || got != want {
				t.Errorf("%s: %d with %d events, want %d", query, response.StatusCode, got, want)
			}
			if filtered := strings.Contains(text, `"filtered":true`); filtered != (query != "") {
				t.Errorf("%s: the head says filtered: %t", query, filtered)
			}
		}
		for _, query := range []string{"?action=SIGNED", "?actor=x", "?from=yesterday", "?from=2025-01-01", "?actorId=a&actorId=b", "?%zz", "?x=" + strings.Repeat("x", 5000)} {
			if response, text := main.Get(path+".jsonl"+query, "Sec-Fetch-Site", "same-origin"); response.StatusCode != http.StatusBadRequest || !strings.Contains(text, "BAD_USER_INPUT") {
				t.Errorf("%.40s: %d %.200s", query, response.StatusCode, text)
			}
		}
	})
}
