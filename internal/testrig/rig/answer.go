package rig

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// Answer is what came back.
type Answer struct {
	Status int
	Header http.Header
	// Data is the answer's data; nil for none.
	Data map[string]any
	// Errors are the top-level errors.
	Errors []Error
	// Text is the whole body.
	Text string
}

// Error is a top-level error.
type Error struct {
	Message    string         `json:"message"`
	Path       []any          `json:"path"`
	Extensions map[string]any `json:"extensions"`
}

// Code is the error's extensions.code.
func (e Error) Code() string {
	code, _ := e.Extensions["code"].(string)
	return code
}

func parse(response *http.Response, text []byte) (Answer, error) {
	answer := Answer{Status: response.StatusCode, Header: response.Header, Text: string(text)}
	var body struct {
		Data   map[string]any `json:"data"`
		Errors []Error        `json:"errors"`
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&body); err != nil {
		return answer, fmt.Errorf("status %d: %q is no GraphQL answer", response.StatusCode, text)
	}
	answer.Data, answer.Errors = body.Data, body.Errors
	return answer, nil
}

// At answers what stands at a path: "organisation.users.nodes.0.email"; nil where nothing does.
func (a Answer) At(path string) any {
	var here any = a.Data
	for step := range strings.SplitSeq(path, ".") {
		switch value := here.(type) {
		case map[string]any:
			here = value[step]
		case []any:
			index, err := strconv.Atoi(step)
			if err != nil || index >= len(value) {
				return nil
			}
			here = value[index]
		default:
			return nil
		}
	}
	return here
}

// String answers the text at a path; "" where there is none.
func (a Answer) String(path string) string {
	switch value := a.At(path).(type) {
	case string:
		return value
	case json.Number:
		return value.String()
	case bool:
		return strconv.FormatBool(value)
	}
	return ""
}

// Int answers the number at a path; -1 where there is none.
func (a Answer) Int(path string) int {
	number, ok := a.At(path).(json.Number)
	if !ok {
		return -1
	}
	value, err := strconv.Atoi(number.String())
	if err != nil {
		return -1
	}
	return value
}

// JSON answers the text of whatever stands at a path; "" where nothing does.
func (a Answer) JSON(path string) string {
	value := a.At(path)
	if value == nil {
		return ""
	}
	text, _ := json.Marshal(value) // it was JSON
	return string(text)
}

// List answers the list at a path.
func (a Answer) List(path string) []any {
	list, _ := a.At(path).([]any)
	return list
}

// Codes answers what was refused: the codes of the userErrors of every root field, and of the top-level errors.
func (a Answer) Codes() []string {
	var codes []string
	for _, payload := range a.Data {
		fields, _ := payload.(map[string]any)
		refusals, _ := fields["userErrors"].([]any)
		for _, refusal := range refusals {
			code, _ := refusal.(map[string]any)["code"].(string)
			codes = append(codes, code)
		}
	}
	for _, err := range a.Errors {
		codes = append(codes, err.Code())
	}
	return codes
}

// Code answers the one code with which something was refused; "" where nothing was.
func (a Answer) Code() string {
	if codes := a.Codes(); len(codes) > 0 {
		return codes[0]
	}
	return ""
}
