package graph_test

import (
	"testing"

	"github.com/sleutelbos/sleutelbos/graph"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

func TestTheWholeServerPassesEveryAuditOfGraphQLOverHTTP(t *testing.T) {
	t.Parallel()
	r := rig.New(t, testrig.NewSQLite(t, testrig.NewClock()))
	for _, portal := range r.Portals {
		graph.AuditGraphQLHTTP(t, r.URL+"/portals/"+portal.Slug+"/graphql")
	}
}
