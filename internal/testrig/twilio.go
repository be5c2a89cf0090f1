package testrig

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Refuse answers the next so many texts to a number (negative: all) with a status and one of Twilio's codes.
func (p *Phones) Refuse(number string, status, code, times int) {
	p.answer(number, answer{func(w http.ResponseWriter, sms Sms) {
		w.Header().Set("X-Words", sms.To)
		refuse(w, status, code)
	}, false, times})
}

// AnswerHTML takes the next so many texts to a number and answers with a page.
func (p *Phones) AnswerHTML(number string, status, times int) {
	p.answer(number, answer{func(w http.ResponseWriter, sms Sms) {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, "<html><body>Bad gateway for "+sms.To+"</body></html>")
	}, status < 300, times})
}

// AnswerTwice takes the next text to a number, and says so twice.
func (p *Phones) AnswerTwice(number string) {
	p.answer(number, answer{func(w http.ResponseWriter, sms Sms) {
		created(w, sms)
		_ = json.NewEncoder(w).Encode(map[string]any{"sid": "SMsomethingelse", "status": "failed", "error_code": 21211})
	}, true, 1})
}

// LoseAnswers takes the next so many texts to a number, and breaks the connection instead of saying so.
func (p *Phones) LoseAnswers(number string, times int) {
	p.answer(number, answer{func(http.ResponseWriter, Sms) { panic(http.ErrAbortHandler) }, true, times})
}

// FailAtOnce takes the next text to a number, and says that it has failed already.
func (p *Phones) FailAtOnce(number string, code int) {
	p.answer(number, answer{func(w http.ResponseWriter, _ Sms) {
		w.WriteHeader(http.StatusCreated)
		_ = json.NewEncoder(w).Encode(map[string]any{"sid": "SM" + strings.Repeat("f", 32), "status": "failed", "error_code": code})
	}, false, 1})
}

// Accept ends what those began.
func (p *Phones) Accept(number string) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	delete(p.answers, number)
}

func (p *Phones) answer(number string, instead answer) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.answers[number] = instead
}

// Hang takes in texts without a word, until released.
func (p *Phones) Hang() (release func()) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	hold := make(chan struct{})
	p.hold = hold
	return sync.OnceFunc(func() {
		p.mutex.Lock()
		defer p.mutex.Unlock()
		if p.hold == hold {
			p.hold = nil
			close(hold)
		}
	})
}

// Sign is Twilio's signature of what it posts to an address, by its documentation and not by its library: HMAC-SHA1 over
// the address, and each field's name and value in the order of names.
func Sign(token, address string, form url.Values) string {
	names := make([]string, 0, len(form))
	for name := range form {
		names = append(names, name)
	}
	slices.Sort(names)
	text := address
	for _, name := range names {
		text += name + form.Get(name)
	}
	mac := hmac.New(sha1.New, []byte(token))
	_, _ = mac.Write([]byte(text))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// Report is what the provider tells of a text.
func Report(sms Sms, status string, fault int) url.Values {
	form := url.Values{
		"AccountSid": {TwilioAccount}, "ApiVersion": {"2010-04-01"}, "From": {sms.From}, "To": {sms.To},
		"MessageSid": {sms.ID}, "SmsSid": {sms.ID}, "MessageStatus": {status}, "SmsStatus": {status},
	}
	if fault != 0 {
		form.Set("ErrorCode", strconv.Itoa(fault))
	}
	return form
}

// PostReport posts what the provider tells to a server, as its proxy would hand it on: the host is the address's.
func PostReport(server, address string, form url.Values, signature string) (status int, err error) {
	parsed, err := url.Parse(address)
	if err != nil {
		return 0, err
	}
	request, err := http.NewRequest(http.MethodPost, server+parsed.RequestURI(), strings.NewReader(form.Encode()))
	if err != nil {
		return 0, err
	}
	request.Host = parsed.Host
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")
	request.Header.Set("X-Twilio-Signature", signature)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err
	}
	_ = response.Body.Close()
	return response.StatusCode, nil
}
