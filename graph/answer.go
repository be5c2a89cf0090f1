package graph

import (
	"encoding/json"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/gqlerror"
)

const (
	mediaJSON     = "application/json"
	mediaResponse = "application/graphql-response+json"
)

// answer is what becomes of a request: the data of an operation that was executed, or why it wasn't.
type answer struct {
	status int
	// wellFormed says that the refused request was a GraphQL request at all. In the media type application/json, whose clients
	// take any other status for a fault of the network, such a refusal has status 200.
	wellFormed bool
	errors     gqlerror.List
	data       json.RawMessage // nil for an operation that was not executed, whose answer has no data member
}

// refuseWith refuses a request with an HTTP status.
func refuseWith(status int, code, format string, args ...any) *answer {
	return &answer{status: status, errors: gqlerror.List{refuse(code, format, args...)}}
}

// badRequest refuses something that is no GraphQL request.
func badRequest(format string, args ...any) *answer {
	return refuseWith(http.StatusBadRequest, codeInput, format, args...)
}

// refuseOperation refuses a GraphQL request for what it asks.
func refuseOperation(errs ...*gqlerror.Error) *answer {
	return &answer{status: http.StatusBadRequest, wellFormed: true, errors: errs}
}

// Header values that never change, shared by all answers.
var (
	contentJSON     = []string{mediaJSON + "; charset=utf-8"}
	contentResponse = []string{mediaResponse + "; charset=utf-8"}
	noStore         = []string{"no-store"}
	noSniff         = []string{"nosniff"}
)

// write sends an answer in a media type of the client's choice.
func (a *answer) write(w http.ResponseWriter, media string) {
	head := dataHead
	if len(a.errors) > 0 {
		head = a.errorsHead()
	}
	header := w.Header()
	header["Content-Type"] = contentJSON
	if media == mediaResponse {
		header["Content-Type"] = contentResponse
	}
	header["Cache-Control"] = noStore
	header["X-Content-Type-Options"] = noSniff
	header["Content-Length"] = []string{strconv.Itoa(len(head) + len(a.data) + len(dataTail))}
	w.WriteHeader(a.statusIn(media))
	// A failed write means that the client is gone: nobody is left to tell.
	_, _ = w.Write(head)
	_, _ = w.Write(a.data)
	_, _ = w.Write(dataTail)
}

// The bytes around data. An answer is written in parts, straight into the connection's buffer.
var (
	dataHead = []byte(`{"data":`)
	dataTail = []byte(`}`)
)

// errorsHead is the answer up to its data, errors first so that a reader sees them.
func (a *answer) errorsHead() []byte {
	list, err := json.Marshal(a.errors)
	if err != nil { // an extension that is no JSON
		list = []byte(`[{"message":"The errors could not be written.","extensions":{"code":"` + codeInternal + `"}}]`)
	}
	head := append([]byte(`{"errors":`), list...)
	if a.data != nil {
		head = append(head, `,"data":`...)
	}
	return head
}

// statusIn is the answer's status in a media type.
func (a *answer) statusIn(media string) int {
	switch {
	case a.data != nil, a.wellFormed && media == mediaJSON:
		return http.StatusOK
	case a.status == 0:
		return http.StatusInternalServerError
	}
	return a.status
}

// negotiate chooses the media type of the answer: what Accept prefers of the two that there are, the newer one where it likes
// both as much, and application/json where it has no opinion. It fails where neither is acceptable.
func negotiate(accept []string) (media string, ok bool) {
	if len(accept) == 0 {
		return mediaJSON, true
	}
	if len(accept) == 1 {
		switch accept[0] {
		case mediaJSON, "*/*", "":
			return mediaJSON, true
		case mediaResponse:
			return mediaResponse, true
		}
	}
	return preferred(strings.Join(accept, ","))
}

// preferred reads an Accept header (RFC 9110, section 12.5.1).
func preferred(accept string) (media string, ok bool) {
	legacy, newer, wildcard := -1.0, -1.0, -1.0
	for item := range strings.SplitSeq(accept, ",") {
		name, parameters, err := mime.ParseMediaType(item)
		if err != nil {
			continue
		}
		switch name {
		case mediaJSON:
			legacy = max(legacy, quality(parameters))
		case mediaResponse:
			newer = max(newer, quality(parameters))
		case "*/*", "application/*":
			wildcard = max(wildcard, quality(parameters))
		}
	}
	if legacy < 0 {
		legacy = wildcard
	}
	switch {
	case newer > 0 && newer >= legacy:
		return mediaResponse, true
	case legacy > 0:
		return mediaJSON, true
	case newer < 0 && wildcard > 0:
		return mediaResponse, true
	}
	return mediaJSON, false
}

// quality is the weight of an item of an Accept header, 1 without one.
func quality(parameters map[string]string) float64 {
	q, given := parameters["q"]
	if !given {
		return 1
	}
	weight, err := strconv.ParseFloat(q, 64)
	if err != nil || !(weight >= 0 && weight <= 1) {
		return 0
	}
	return weight
}
