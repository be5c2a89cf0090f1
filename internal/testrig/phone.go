package testrig

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"
)

// The account that the phones' provider knows.
const (
	TwilioAccount = "AC00000000000000000000000000000001"
	TwilioToken   = "f0e1d2c3b4a5968778695a4b3c2d1e0f"
	TwilioFrom    = "+3197010123456"
)

// Sms is a text as it was handed to the provider.
type Sms struct {
	// ID is the provider's.
	ID       string
	To, From string
	Body     string
	// StatusURL is where the provider is to tell what became of it, and Within how long it may keep it.
	StatusURL string
	Within    time.Duration
}

var sixDigits = regexp.MustCompile(`^\d{6}`)

// Code is the code at the beginning of the text; "" where there is none.
func (s Sms) Code() string { return sixDigits.FindString(s.Body) }

// Phones is everybody's phone: a Twilio on a loopback port that keeps every text it gets. It holds every request to the
// API's letter, and fails the test where one isn't. It can be told to misbehave as real providers do. All methods can be
// used at any time, by many goroutines at once; those that take a t end the test and belong to its own goroutine.
type Phones struct {
	t      testing.TB
	server *httptest.Server

	mutex    sync.Mutex
	arrived  []Sms
	expected map[string]bool // ids that an Expect has taken
	attempts map[string]int
	news     chan struct{}
	answers  map[string]answer
	hold     chan struct{}
}

// answer is how texts to a number are answered instead of by the API.
type answer struct {
	write func(w http.ResponseWriter, sms Sms)
	// keeps: the text is taken all the same.
	keeps bool
	times int // that are left; negative: without end
}

// NewPhones starts a provider for the duration of the test.
func NewPhones(t testing.TB) *Phones {
	t.Helper()
	p := &Phones{t: t, expected: map[string]bool{}, attempts: map[string]int{}, answers: map[string]answer{}, news: make(chan struct{})}
	p.server = httptest.NewServer(http.HandlerFunc(p.serve))
	t.Cleanup(func() {
		p.mutex.Lock()
		hold := p.hold
		p.hold = nil
		p.mutex.Unlock()
		if hold != nil {
			close(hold)
		}
		p.server.CloseClientConnections()
		p.server.Close()
	})
	return p
}

// URL is the address as the setting SLEUTELBOS_TWILIO_BASE_URL wants it.
func (p *Phones) URL() string { return p.server.URL }

func (p *Phones) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 64<<10))
	form, badForm := url.ParseQuery(string(body))
	if problem := problemOf(r, form); err != nil || badForm != nil || problem != "" {
		p.t.Errorf("the provider of texts was asked wrongly: %s (%v, %v): %s %s", problem, err, badForm, r.Method, r.URL)
		refuse(w, http.StatusBadRequest, 20001)
		return
	}
	seconds, _ := strconv.Atoi(form.Get("ValidityPeriod"))
	sms := Sms{
		To: form.Get("To"), From: form.Get("From") + form.Get("MessagingServiceSid"), Body: form.Get("Body"),
		StatusURL: form.Get("StatusCallback"), Within: time.Duration(seconds) * time.Second,
	}
	instead, special, hold := p.take(&sms)
	if hold != nil {
		select {
		case <-hold:
		case <-r.Context().Done():
		}
	}
	if special {
		instead.write(w, sms)
		return
	}
	created(w, sms)
}

// problemOf tells where a request isn't one of the API's: POST …/Messages.json of the account, signed in as it, a form of
// the right fields.
func problemOf(r *http.Request, form url.Values) string {
	account, token, signedIn := r.BasicAuth()
	switch {
	case r.Method != http.MethodPost || r.URL.RequestURI() != "/2010-04-01/Accounts/"+TwilioAccount+"/Messages.json":
		return "another path"
	case !signedIn || account != TwilioAccount || token != TwilioToken:
		return "not signed in"
	case r.Header.Get("Content-Type") != "application/x-www-form-urlencoded":
		return "no form"
	case form.Has("From") == form.Has("MessagingServiceSid"):
		return "no sender, or two"
	}
	required := map[string]*regexp.Regexp{
		"To":             regexp.MustCompile(`^\+[1-9]\d{6,14}$`),
		"Body":           regexp.MustCompile(`(?s)^.{1,1000}$`),
		"StatusCallback": regexp.MustCompile(`^https://[^/]+/twilio/status/org_\w{26}/msg_\w{26}$`),
		"ValidityPeriod": regexp.MustCompile(`^[1-9]\d{0,4}$`),
	}
	for name, values := range form {
		if _, known := required[name]; (!known && name != "From" && name != "MessagingServiceSid") || len(values) != 1 {
			return "the field " + name
		}
	}
	for name, pattern := range required {
		if !pattern.MatchString(form.Get(name)) {
			return "the field " + name
		}
	}
	return ""
}

// take keeps a text, where it is to be kept, and answers what is to be said instead.
func (p *Phones) take(sms *Sms) (answer, bool, chan struct{}) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.attempts[sms.To]++
	instead, special := p.answers[sms.To]
	if special {
		if instead.times--; instead.times == 0 {
			delete(p.answers, sms.To)
		} else {
			p.answers[sms.To] = instead
		}
	}
	if !special || instead.keeps {
		sms.ID = fmt.Sprintf("SM%032x", len(p.arrived)+1)
		p.arrived = append(p.arrived, *sms)
	}
	close(p.news)
	p.news = make(chan struct{})
	return instead, special, p.hold
}

// created answers as the API does when it took a text.
func created(w http.ResponseWriter, sms Sms) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusCreated)
	_ = json.NewEncoder(w).Encode(map[string]any{
		"sid": sms.ID, "account_sid": TwilioAccount, "to": sms.To, "from": sms.From, "body": sms.Body, "status": "queued",
		"direction": "outbound-api", "num_segments": "1", "num_media": "0", "error_code": nil, "error_message": nil, "price": nil,
		"api_version": "2010-04-01", "uri": "/2010-04-01/Accounts/" + TwilioAccount + "/Messages/" + sms.ID + ".json",
	})
}

func refuse(w http.ResponseWriter, status, code int) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{
		"code": code, "status": status, "message": "The words of a refusal name the number", "more_info": "https://www.twilio.com/docs/errors/" + strconv.Itoa(code),
	})
}

// All are the texts that have come, in order.
func (p *Phones) All() []Sms {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return slices.Clone(p.arrived)
}

// Expect waits for the next text to that number that no Expect has taken yet, oldest first.
func (p *Phones) Expect(t testing.TB, number string) Sms {
	t.Helper()
	var found Sms
	p.await(t, "no text to "+number, func() bool {
		for _, sms := range p.arrived {
			if sms.To == number && !p.expected[sms.ID] {
				found, p.expected[sms.ID] = sms, true
				return true
			}
		}
		return false
	})
	return found
}

// ExpectAttempts waits until so many texts to that number were tried, refused ones included.
func (p *Phones) ExpectAttempts(t testing.TB, number string, attempts int) {
	t.Helper()
	p.await(t, "too few attempts for "+number, func() bool { return p.attempts[number] >= attempts })
}

// Attempts is how often a text to that number was tried.
func (p *Phones) Attempts(number string) int {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.attempts[number]
}

func (p *Phones) await(t testing.TB, complaint string, holds func() bool) {
	t.Helper()
	deadline := time.After(patience)
	for {
		p.mutex.Lock()
		done, news, came := holds(), p.news, len(p.arrived)
		p.mutex.Unlock()
		if done {
			return
		}
		select {
		case <-news:
		case <-deadline:
			t.Fatalf("%s after %s; %d texts have come", complaint, patience, came)
		}
	}
}
