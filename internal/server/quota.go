package server

import (
	"fmt"
	"math"
	"net/http"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// tellQuota tells a partner's program how much it may ask, and what is left, in the fields of
// draft-ietf-httpapi-ratelimit-headers-10 (sections 3 and 4): q requests in w seconds; r are left, and in t seconds there are
// more, with us all of them. That draft wants r to be taken as a hint, which it is: other processes may have taken some of it.
func tellQuota(header http.Header, quota identity.Quota) {
	header["Ratelimit-Policy"] = []string{fmt.Sprintf(`"minute";q=%d;w=%d`, quota.Limit, int(identity.QuotaWindow.Seconds()))}
	header["Ratelimit"] = []string{fmt.Sprintf(`"minute";r=%d;t=%d`, quota.Remaining, int(math.Ceil(quota.ResetsIn.Seconds())))}
}
