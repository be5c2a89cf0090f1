package graph

import (
	"errors"
	"fmt"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// The codes with which a request is refused before anything of it is executed.
const (
	codeInput      = "BAD_USER_INPUT"
	codeSyntax     = "GRAPHQL_PARSE_FAILED"
	codeInvalid    = "GRAPHQL_VALIDATION_FAILED"
	codeTooComplex = "QUERY_TOO_COMPLEX"
	codeInternal   = "INTERNAL"
)

// refuse makes an error that tells the caller what is wrong with a request. No refusal repeats a value that the caller
// sent: it may be a password in the wrong place, and errors end up in logs and on screens.
func refuse(code, format string, args ...any) *gqlerror.Error {
	err := gqlerror.Errorf(format, args...)
	err.Extensions = map[string]any{"code": code}
	return err
}

// syntaxError tells where a document stops being GraphQL, without the text that stands there.
func syntaxError(err error, tokens int) *gqlerror.Error {
	parsing, ok := errors.AsType[*gqlerror.Error](err)
	if !ok {
		return refuse(codeSyntax, "The document is not GraphQL.")
	}
	if strings.HasPrefix(parsing.Message, "exceeded token limit") {
		return refuse(codeTooComplex, "A document may have at most %d tokens.", tokens)
	}
	refusal := refuse(codeSyntax, "%s.", withoutText(parsing.Message))
	refusal.Locations = parsing.Locations
	return refusal
}

// withoutText keeps of a parser's message what the grammar says and drops what the document says. Messages read
// `Expected "on", found Name "secret"`, `Unexpected Name "secret"`, or `Invalid character escape sequence: \secret`.
func withoutText(message string) string {
	expected, found, ok := strings.Cut(message, ", found ")
	if ok {
		kind, _, _ := strings.Cut(found, " ")
		return expected + ", found " + kind
	}
	for _, text := range []string{` "`, ": "} {
		message, _, _ = strings.Cut(message, text)
	}
	return strings.TrimSuffix(message, ".")
}

// invalidDocument tells the first of the errors that validation found.
func invalidDocument(errs gqlerror.List, most int) gqlerror.List {
	errs = errs[:min(len(errs), most)]
	for _, err := range errs {
		if strings.HasPrefix(err.Rule, "ValuesOfCorrectType") {
			err.Message = withoutValue(err.Message)
		}
		err.Extensions = map[string]any{"code": codeInvalid}
	}
	return errs
}

// withoutValue keeps what a validator says about a value and drops the value. Messages read `Int cannot represent non-integer
// value: "secret"`, `Expected value of type "Role", found secret.`, `Value "secret" does not exist in "Role" enum.`, or
// `secret is not a valid Role`; what the schema says comes first in the first two and last in the others.
func withoutValue(message string) string {
	for _, before := range []string{" value: ", ", found "} {
		if known, _, ok := strings.Cut(message, before); ok {
			return known + strings.TrimRight(before, ": ,found") + "."
		}
	}
	for _, after := range []string{` does not exist in `, ` is not a valid `} {
		if at := strings.LastIndex(message, after); at >= 0 {
			return "The value" + message[at:]
		}
	}
	return message
}

// badVariables tells which variable can't be used and why.
func badVariables(err error) *gqlerror.Error {
	wrong, ok := errors.AsType[*gqlerror.Error](err)
	if !ok || len(wrong.Path) < 2 {
		return refuse(codeInput, "The variables can't be used.")
	}
	message := withoutValue(wrong.Message)
	if strings.HasPrefix(message, "cannot use ") {
		_, kind, _ := strings.Cut(message, " as ")
		message = "cannot be used as " + kind
	}
	return refuse(codeInput, `Variable "$%s": %s.`, variablePath(wrong.Path[1:]), message)
}

// variablePath writes a path the way one would in code: input.users[3].email.
func variablePath(path ast.Path) string {
	var text strings.Builder
	for i, element := range path {
		switch e := element.(type) {
		case ast.PathIndex:
			fmt.Fprintf(&text, "[%d]", int(e))
		case ast.PathName:
			if i > 0 {
				text.WriteByte('.')
			}
			text.WriteString(string(e))
		}
	}
	return text.String()
}
