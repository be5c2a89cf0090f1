package broker

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"slices"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

//go:embed page
var pageFiles embed.FS

var page = template.Must(template.ParseFS(pageFiles, "page/ask.html"))

// pagePolicy allows the page its style, and a form that leads back to the portal.
const pagePolicy = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// Asking is what the page that asks must know.
type Asking struct {
	// Portal is what people call the portal that sends them, Row its row, whose claims are the page's fields.
	Portal string
	Row    identity.Provider
	// Suggested are values for the fields, by name; the first is filled in.
	Suggested map[string][]string
}

// Ask serves the broker with its page: somebody says there who they are, or stops.
func (b *Broker) Ask(asking Asking) http.Handler {
	mux := b.Handler()
	mux.HandleFunc("GET /auth", func(w http.ResponseWriter, r *http.Request) {
		if _, err := b.Read(r.URL.Query()); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		asking.show(w)
	})
	mux.HandleFunc("POST /auth", func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, longestForm)
		request, err := b.Read(r.URL.Query())
		if err != nil || r.ParseForm() != nil {
			http.Error(w, "That is no request to be identified.", http.StatusBadRequest)
			return
		}
		back := b.Refuse(request)
		if r.PostForm.Get("stop") == "" {
			said := map[string]string{}
			for name := range r.PostForm {
				said[name] = r.PostForm.Get(name)
			}
			back = b.Identify(request, Claims(asking.Row, said))
		}
		http.Redirect(w, r, back, http.StatusSeeOther)
	})
	mux.HandleFunc("GET /ask.css", func(w http.ResponseWriter, r *http.Request) { http.ServeFileFS(w, r, pageFiles, "page/ask.css") })
	return mux
}

func (a Asking) show(w http.ResponseWriter) {
	var text bytes.Buffer
	if err := page.Execute(&text, a); err != nil {
		http.Error(w, "The page can't be shown.", http.StatusInternalServerError)
		return
	}
	for name, value := range map[string]string{
		"Content-Security-Policy": pagePolicy, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
		"Cache-Control": "no-store", "Content-Type": "text/html; charset=utf-8",
	} {
		w.Header().Set(name, value)
	}
	_, _ = w.Write(text.Bytes()) // who hangs up needs no answer
}

// Input is a field as the page shows it.
type Input struct {
	Field
	Label, Value string
	Others       []string
}

var labels = map[string]string{
	"subject": "Person: a pseudonym; who has the same is the same", "kvkNumber": "KVK number of the business that they act for",
	"establishment": "Establishments that the mandate is limited to (12 digits each); empty: the whole business",
	"intermediary":  "KVK number of an intermediary whose employee they are; empty: none",
	"initials":      "Initials", "givenNames": "Given names", "namePrefix": "Prefix of the family name", "familyName": "Family name",
	"birthDate": "Date of birth", "street": "Street", "houseNumber": "House number", "houseNumberSuffix": "Suffix of the house number",
	"postalCode": "Postal code", "city": "Town", "country": "Country",
}

// Inputs are the page's fields.
func (a Asking) Inputs() []Input {
	var all []Input
	for _, field := range Fields(a.Row.OIDC.Claims) {
		input := Input{Field: field, Label: labels[field.Name], Others: a.Suggested[field.Name]}
		if len(input.Others) > 0 {
			input.Value = input.Others[0]
		}
		all = append(all, input)
	}
	return all
}

// LevelOption is a value of the level's claim as the page offers it.
type LevelOption struct {
	identity.LevelValue
	Accepted, First bool
}

// LevelOptions are the levels that the row knows.
func (a Asking) LevelOptions() []LevelOption {
	first := levelValue(a.Row, "")
	all := make([]LevelOption, len(a.Row.OIDC.Levels))
	for i, level := range a.Row.OIDC.Levels {
		accepted := a.Row.Identifies == identity.Persons || slices.Contains(a.Row.Levels, level.Level)
		all[i] = LevelOption{level, accepted, level.Value == first}
	}
	return all
}
