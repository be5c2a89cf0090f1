package demo

import (
	"bytes"
	"embed"
	"encoding/json"
	"html/template"
	"log/slog"
	"net/http"
	"strconv"
	"strings"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

//go:embed page
var pageFiles embed.FS

var pages = template.Must(template.New("").Funcs(template.FuncMap{"account": Account, "picture": picture}).ParseFS(pageFiles, "page/*.html"))

// pagePolicy allows the pages their own files, the portals, and the frame that shows a mail.
const pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; frame-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// letterPolicy shuts a mail in: its own style, no script, no pictures from elsewhere, links in a tab of their own.
const letterPolicy = "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; " +
	"img-src data:; frame-ancestors 'self'"

// Pages serves /dev: who lives here, the inbox, and for each portal the pages that its mails lead to.
func Pages(inbox *Inbox, places []Place, log *slog.Logger) http.Handler {
	p := pager{inbox, places, log}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /dev/{$}", p.index)
	mux.HandleFunc("GET /dev/inbox", p.list)
	mux.HandleFunc("GET /dev/inbox.json", p.listJSON)
	mux.HandleFunc("GET /dev/inbox/{number}/mail", p.mail)
	mux.HandleFunc("GET /dev/inbox/{number}/html", p.letter)
	mux.HandleFunc("GET /dev/{slug}/password", p.spa("password.html"))
	mux.HandleFunc("GET /dev/{slug}/undo", p.spa("undo.html"))
	mux.HandleFunc("GET /dev/{slug}/sign-in", p.spa("signin.html"))
	for _, name := range []string{"page.css", "page.js"} {
		mux.HandleFunc("GET /dev/"+name, func(w http.ResponseWriter, r *http.Request) {
			guard(w, pagePolicy)
			http.ServeFileFS(w, r, pageFiles, "page/"+name)
		})
	}
	return mux
}

type pager struct {
	inbox  *Inbox
	places []Place
	log    *slog.Logger
}

func (p pager) index(w http.ResponseWriter, _ *http.Request) { p.show(w, "index.html", p.places) }

func (p pager) list(w http.ResponseWriter, _ *http.Request) {
	p.show(w, "inbox.html", p.inbox.Mails())
}

func (p pager) listJSON(w http.ResponseWriter, _ *http.Request) {
	guard(w, pagePolicy)
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_ = json.NewEncoder(w).Encode(p.inbox.Mails()) // who hangs up needs no answer
}

func (p pager) mail(w http.ResponseWriter, r *http.Request) {
	if mail, found := p.find(w, r); found {
		p.show(w, "mail.html", mail)
	}
}

func (p pager) letter(w http.ResponseWriter, r *http.Request) {
	mail, found := p.find(w, r)
	if !found {
		return
	}
	guard(w, letterPolicy)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write([]byte(`<base target="_blank">` + mail.HTML))
}

func (p pager) find(w http.ResponseWriter, r *http.Request) (Mail, bool) {
	number, _ := strconv.Atoi(r.PathValue("number")) // 0 is nobody's
	mail, found := p.inbox.mail(number)
	if !found {
		http.Error(w, "There is no such mail.", http.StatusNotFound)
	}
	return mail, found
}

// spa shows a page of a portal's single-page application, as far as a demo has one.
func (p pager) spa(page string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		for _, place := range p.places {
			if place.Portal.Slug == r.PathValue("slug") {
				p.show(w, page, place)
				return
			}
		}
		http.Error(w, "There is no such portal.", http.StatusNotFound)
	}
}

func (p pager) show(w http.ResponseWriter, page string, content any) {
	var text bytes.Buffer
	if err := pages.ExecuteTemplate(&text, page, content); err != nil {
		p.log.Error("page failed", "page", page, "error", err.Error())
		http.Error(w, "The page can't be shown.", http.StatusInternalServerError)
		return
	}
	guard(w, pagePolicy)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(text.Bytes())
}

func guard(w http.ResponseWriter, policy string) {
	for name, value := range map[string]string{
		"Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store",
	} {
		w.Header().Set(name, value)
	}
}

// Account is what somebody types to name themselves.
func Account(name identity.SignInName) string {
	parts := []string{}
	for _, part := range []string{name.OrganisationCode, name.Username, name.Email} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, " / ")
}

// picture lets a data: URL of ours through, which templates take for a danger.
func picture(url string) template.URL { return template.URL(url) }
