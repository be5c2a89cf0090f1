package testrig

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
)

// RegisterKey is what the trade register wants to see.
const RegisterKey = "l7xx-marker-of-the-trade-register"

// Register is a trade register on the loopback that answers as the KVK's does, with the companies of its published test
// environment.
type Register struct {
	// URL is what takes the place of https://api.kvk.nl.
	URL string

	mutex     sync.Mutex
	companies map[string]Company
	faults    []http.HandlerFunc
	asked     []string
}

// Company is what the register has of a business.
type Company struct {
	// Name is what it is called, StatutoryName what its deed says; a business of one person has none.
	Name, StatutoryName string
	// EndedOn is the day of deregistration, YYYYMMDD; "": none.
	EndedOn        string
	Establishments []string
}

// NewRegister opens a register for a test.
func NewRegister(t testing.TB) *Register {
	r := &Register{companies: map[string]Company{
		"69599084": {Name: "Test EMZ Dagobert", Establishments: []string{"000038509504", "000038509520"}},
		"68727720": {Name: "Test NV Katrien", StatutoryName: "Test NV Katrien", Establishments: []string{"000037143557"}},
		"68750110": {Name: "Test BV Donald", StatutoryName: "Test BV Donald", Establishments: []string{"000037178598", "000037178601"}},
		"69599068": {Name: "Test Stichting Bolderbast", StatutoryName: "Test Stichting Bolderbast"},
		"69599076": {Name: "Test VOF Guus", Establishments: []string{"000038509474", "000038509490"}},
	}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/v1/basisprofielen/{number}", r.answered(profile))
	mux.HandleFunc("GET /api/v1/basisprofielen/{number}/vestigingen", r.answered(establishments))
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	r.URL = server.URL
	return r
}

// Enter changes what the register has of a number.
func (r *Register) Enter(number string, company Company) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.companies[number] = company
}

// Fail answers the next questions with faults, one after the other.
func (r *Register) Fail(faults ...http.HandlerFunc) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.faults = append(r.faults, faults...)
}

// Asked lists the paths that were asked for, with the right key or not.
func (r *Register) Asked() []string {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return slices.Clone(r.asked)
}

// FailWith answers a status, and a body of that type.
func FailWith(status int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

// FailWithCode answers one of the register's own codes, in the shape of today.
func FailWithCode(status int, code string) http.HandlerFunc {
	return FailWith(status, "application/json", `{"fout":[{"code":"`+code+`","omschrijving":"`+strings.Repeat("Er ging iets mis. ", 3)+`"}]}`)
}

// Hang answers when the asker has gone.
func Hang(_ http.ResponseWriter, request *http.Request) { <-request.Context().Done() }

func (r *Register) answered(page func(number string, company Company) map[string]any) http.HandlerFunc {
	return func(w http.ResponseWriter, request *http.Request) {
		number := request.PathValue("number")
		fault, company, known := r.next(request.URL.Path, number)
		switch {
		case fault != nil:
			fault(w, request)
		case request.Header.Get("apikey") != RegisterKey:
			FailWith(http.StatusUnauthorized, "text/html", "<html><body>Invalid API key</body></html>")(w, request)
		case number == "90004973", number == "90002903": // the test environment's own faults
			FailWithCode(http.StatusServiceUnavailable, "IPD1002")(w, request)
		case !known, strings.HasSuffix(request.URL.Path, "/vestigingen") && len(company.Establishments) == 0:
			FailWithCode(http.StatusNotFound, "IPD5200")(w, request)
		default:
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(page(number, company))
		}
	}
}

func (r *Register) next(path, number string) (fault http.HandlerFunc, company Company, known bool) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.asked = append(r.asked, path)
	if len(r.faults) > 0 {
		fault, r.faults = r.faults[0], r.faults[1:]
	}
	company, known = r.companies[number]
	return fault, company, known
}

// profile is a Basisprofiel, with what nobody here reads too.
func profile(number string, company Company) map[string]any {
	registration := map[string]any{"datumAanvang": "20150101"}
	if company.EndedOn != "" {
		registration["datumEinde"] = company.EndedOn
	}
	page := map[string]any{
		"kvkNummer": number, "indNonMailing": "Nee", "naam": company.Name, "formeleRegistratiedatum": "20150109",
		"materieleRegistratie": registration, "handelsnamen": []any{map[string]any{"naam": company.Name, "volgorde": 0}},
		"sbiActiviteiten": []any{map[string]any{"sbiCode": "96012", "sbiOmschrijving": "Wassen", "indHoofdactiviteit": "Ja"}},
	}
	if company.StatutoryName != "" {
		maps.Copy(page, map[string]any{"statutaireNaam": company.StatutoryName})
	}
	return page
}

func establishments(number string, company Company) map[string]any {
	list := []any{}
	for i, one := range company.Establishments {
		main := map[bool]string{true: "Ja", false: "Nee"}[i == 0]
		list = append(list, map[string]any{
			"vestigingsnummer": one, "kvkNummer": number, "eersteHandelsnaam": company.Name, "indHoofdvestiging": main,
			"indAdresAfgeschermd": "Nee", "indCommercieleVestiging": "Ja", "volledigAdres": "Hizzaarderlaan 3 A 8823SJ Lollum",
		})
	}
	return map[string]any{
		"kvkNummer": number, "aantalCommercieleVestigingen": len(list), "aantalNietCommercieleVestigingen": 0,
		"totaalAantalVestigingen": len(list), "vestigingen": list,
	}
}
