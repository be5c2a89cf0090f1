package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/Khan/genqlient/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// There are two ways to be refused. What the input can mend stands in userErrors of the mutation's own answer, and nothing
// was done. All else is a top-level error: no token, not allowed, too many requests, malformed, a fault of the server. Act on
// codes; messages are for people and change.

// mendable makes an error of what the input can mend; nil where there is nothing.
func mendable(problems []Problem) error {
	errs := make([]error, len(problems))
	for i, p := range problems {
		errs[i] = fmt.Errorf("%s at %s: %s", p.Code, strings.Join(p.Path, "."), p.Message)
	}
	return errors.Join(errs...)
}

// explain tells an error to people: of a top-level error the code, and the id by which the server's operator finds the
// request in the log.
func explain(err error) string {
	for _, one := range topLevel(err) {
		code, _ := one.Extensions["code"].(string)
		id, _ := one.Extensions["requestId"].(string)
		return fmt.Sprintf("refused with %s, request id %s: %s", code, id, one.Message)
	}
	return err.Error()
}

// topLevel finds the top-level errors in an error of genqlient's: with status 200 they are a list, and with any other they
// are in the answer of an HTTPError.
func topLevel(err error) gqlerror.List {
	var list gqlerror.List
	if errors.As(err, &list) {
		return list
	}
	var status *graphql.HTTPError
	if errors.As(err, &status) {
		return status.Response.Errors
	}
	return nil
}
