package graph

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"sync"
)

// request is what a client asks to execute.
type request struct {
	query     string
	operation string
	variables map[string]any
	readOnly  bool // a GET, which executes queries only
}

// bodies are buffers for reading requests, so that a request costs no garbage for its bytes.
var bodies = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// parameters are the members of a request's JSON object. encoding/json decides the corner cases: of members
// with the same name the last one counts, and names match whatever their case; unknown members are ignored.
type parameters struct {
	Query         *string         `json:"query"`
	OperationName *string         `json:"operationName"`
	Variables     json.RawMessage `json:"variables"`
	Extensions    json.RawMessage `json:"extensions"`
}

// readRequest reads a GET or a POST, or says with which status it is refused.
func readRequest(r *http.Request, l limits) (request, *answer) {
	switch r.Method {
	case http.MethodPost:
		return readPost(r, l)
	case http.MethodGet:
		return readGet(r, l)
	}
	return request{}, refuseWith(http.StatusMethodNotAllowed, codeInput, "Only GET and POST are answered here.")
}

// readPost reads a request from a body of JSON. Nothing but application/json in UTF-8 is a request: a form on a foreign page
// can send every other type without asking (CSRF).
func readPost(r *http.Request, l limits) (request, *answer) {
	if !isJSON(r.Header) {
		return request{}, refuseWith(http.StatusUnsupportedMediaType, codeInput, "Content-Type must be application/json; charset=utf-8.")
	}
	body := bodies.Get().(*bytes.Buffer)
	defer bodies.Put(body)
	body.Reset()
	if r.ContentLength <= int64(l.BodyBytes) {
		if _, err := body.ReadFrom(io.LimitReader(r.Body, int64(l.BodyBytes)+1)); err != nil {
			return request{}, refuseWith(http.StatusBadRequest, codeInput, "The request body could not be read.")
		}
	}
	if max(r.ContentLength, int64(body.Len())) > int64(l.BodyBytes) {
		return request{}, refuseWith(http.StatusRequestEntityTooLarge, codeTooComplex, "A request may have at most %d bytes.", l.BodyBytes)
	}
	return decodeBody(body.Bytes(), l)
}

// isJSON tells whether a body is declared as JSON in UTF-8, the only charset JSON has.
func isJSON(header http.Header) bool {
	declared := header["Content-Type"]
	if len(declared) != 1 {
		return false
	}
	if declared[0] == mediaJSON {
		return true
	}
	media, parameters, err := mime.ParseMediaType(declared[0])
	if err != nil || media != mediaJSON {
		return false
	}
	for name, value := range parameters {
		if name != "charset" || !strings.EqualFold(value, "utf-8") {
			return false
		}
	}
	return true
}

// decodeBody reads the JSON of a body. It never tells what stands in a body that it can't read.
func decodeBody(body []byte, l limits) (request, *answer) {
	if first := bytes.TrimLeft(body, " \t\r\n"); len(first) > 0 && first[0] == '[' {
		return request{}, badRequest("Batches are not supported: send one operation a request.")
	}
	if jsonDepth(body) > l.JSONDepth {
		return request{}, badRequest("JSON may nest at most %d deep.", l.JSONDepth)
	}
	var p parameters
	if err := json.Unmarshal(body, &p); err != nil {
		if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && wrong.Field != "" {
			return request{}, badRequest("Parameter %q must be a string.", wrong.Field)
		}
		return request{}, badRequest("The request body must be a JSON object.")
	}
	return p.request()
}

// readGet reads a request from the query string. A parameter may be given once.
func readGet(r *http.Request, l limits) (request, *answer) {
	if len(r.URL.RawQuery) > l.BodyBytes {
		return request{}, refuseWith(http.StatusRequestURITooLong, codeTooComplex, "A request may have at most %d bytes.", l.BodyBytes)
	}
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return request{}, badRequest("The query string is not well formed.")
	}
	var p parameters
	for name, given := range values {
		if len(given) > 1 {
			return request{}, badRequest("A parameter may be given once.")
		}
		switch name {
		case "query":
			p.Query = &given[0]
		case "operationName":
			p.OperationName = &given[0]
		case "variables":
			p.Variables = json.RawMessage(given[0])
		case "extensions":
			p.Extensions = json.RawMessage(given[0])
		}
	}
	if max(jsonDepth(p.Variables), jsonDepth(p.Extensions)) >= l.JSONDepth {
		return request{}, badRequest("JSON may nest at most %d deep.", l.JSONDepth)
	}
	req, refused := p.request()
	req.readOnly = true
	return req, refused
}

// request checks the parameters. Extensions must be an object or null, and are not used.
func (p parameters) request() (request, *answer) {
	if p.Query == nil || *p.Query == "" {
		return request{}, badRequest("Parameter \"query\" is missing.")
	}
	req := request{query: *p.Query}
	if p.OperationName != nil {
		req.operation = *p.OperationName
	}
	var ok bool
	if req.variables, ok = readObject(p.Variables); !ok {
		return request{}, badRequest("Parameter \"variables\" must be a JSON object.")
	}
	if _, ok = readObject(p.Extensions); !ok {
		return request{}, badRequest("Parameter \"extensions\" must be a JSON object.")
	}
	return req, nil
}

// readObject reads a JSON object with its numbers as they are written. Nothing and null are no object, and fine.
func readObject(text json.RawMessage) (map[string]any, bool) {
	if len(text) == 0 || string(text) == "null" {
		return nil, true
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var values map[string]any
	if err := decoder.Decode(&values); err != nil {
		return nil, false
	}
	_, err := decoder.Token()
	return values, err == io.EOF
}
