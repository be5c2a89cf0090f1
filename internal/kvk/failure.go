package kvk

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
)

// Failure is why the register gave no answer. It holds nothing of what was sent, and of what came its codes alone.
type Failure struct {
	// Status is HTTP's; 0 where no answer came at all.
	Status int
	// Code is the register's own ("IPD1002"); "" where the answer had none.
	Code string
	// Temporary: asking again later makes sense. Otherwise something must be mended here: the key, the address, the product
	// that was bought, or this package.
	Temporary bool

	cause error
}

// Error is for logs.
func (f *Failure) Error() string {
	text := "ask the trade register"
	if f.Status != 0 {
		text += fmt.Sprintf(": HTTP %d", f.Status)
	}
	if f.Code != "" {
		text += " " + f.Code
	}
	if f.cause != nil {
		text += ": " + f.cause.Error()
	}
	return text
}

// Unwrap gives the fault below.
func (f *Failure) Unwrap() error { return f.cause }

// The register's codes, from its page on error messages.
var (
	// No results; or the product exists for no such number.
	missing = []string{"IPD5200", "IPD0005", "IPD0007"}
	// The entry is being worked on; ask again in five minutes; a technical fault of theirs.
	temporary = []string{"IPD1002", "IPD1003", "IPD9999"}
)

// judge tells what an answer means that isn't 200: nil that there is no such thing.
func judge(status int, body []byte) error {
	codes := codesIn(body)
	for _, code := range codes {
		switch {
		case slices.Contains(missing, code):
			return nil
		case slices.Contains(temporary, code):
			return &Failure{Status: status, Code: code, Temporary: true}
		}
	}
	failure := &Failure{Status: status, Temporary: status >= 500 || status == http.StatusTooManyRequests || status == http.StatusRequestTimeout}
	if len(codes) > 0 {
		failure.Code = codes[0] // IPD0004, IPD1998 and the like: it was asked wrongly
	}
	return failure
}

// codesIn reads the codes of an error in any of the shapes that the register, and the gateways before it, are known to
// give: a list in "fout", the same inside "meldingen", or something that isn't JSON at all.
func codesIn(body []byte) []string {
	type fout struct {
		Code string `json:"code"`
	}
	var answer struct {
		Fout      []fout `json:"fout"`
		Meldingen struct {
			Fout []fout `json:"fout"`
		} `json:"meldingen"`
	}
	if json.Unmarshal(body, &answer) != nil {
		return nil
	}
	var codes []string
	for _, one := range append(answer.Fout, answer.Meldingen.Fout...) {
		if wellFormed(one.Code) {
			codes = append(codes, one.Code)
		}
	}
	return codes
}

// wellFormed keeps out of logs what is no code.
func wellFormed(code string) bool {
	if len(code) != 7 || code[:3] != "IPD" {
		return false
	}
	for _, digit := range []byte(code[3:]) {
		if digit < '0' || digit > '9' {
			return false
		}
	}
	return true
}
